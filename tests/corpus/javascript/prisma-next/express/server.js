const express = require('express');
const { PrismaClient } = require('@prisma/client');

const app = express();
const prisma = new PrismaClient();  // site: correct library=prisma

app.get('/users', async (req, res) => res.json(await prisma.user.findMany()));

app.get('/pets', async (req, res) => {
  const client = new PrismaClient();  // site: leak PGC108 library=prisma category=pool-per-call
  res.json(await client.pet.findMany());
});

app.get('/tx', async (req, res) => {
  res.json(await prisma.$transaction(async (tx) => tx.user.findMany()));  // site: correct library=prisma
});

app.listen(3000);
