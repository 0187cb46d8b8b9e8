import express from 'express';

import { lazyPool, pool, poolFor, singleClient } from './cache';

const app = express();

app.get('/', async (req, res) => {
  const client = await pool().connect();  // site: correct library=pg
  try {
    res.json(await client.query('SELECT 1'));
  } finally {
    client.release();
  }
});

app.get('/leak', async (req, res) => {
  const client = await lazyPool().connect();  // site: leak PGC102 library=pg category=on-error
  const { rows } = await client.query('SELECT 1');
  client.release();
  res.json(rows);
});

app.get('/tenant', async (req, res) => {
  const client = await poolFor('eu').connect();  // site: leak PGC101 library=pg category=never-released
  const { rows } = await client.query('SELECT 1');
  res.json(rows);
});

app.get('/single', async (req, res) => {
  const client = await singleClient();
  res.json(await client.query('SELECT 1'));
});
