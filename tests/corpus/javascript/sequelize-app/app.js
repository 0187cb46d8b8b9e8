const express = require('express');
const { Sequelize } = require('sequelize');
const orders = require('./services/order');

const app = express();

app.post('/orders', async (req, res) => res.json(await orders.unmanaged(req.body)));

app.get('/tenants/:name', async (req, res) => {
  const tenant = new Sequelize(`postgres://app@db/${req.params.name}`);  // site: leak PGC108 library=sequelize category=pool-per-call
  const [rows] = await tenant.query('SELECT * FROM orders');
  res.json(rows);
});

app.get('/tenants2/:name', async (req, res) => {
  const tenant = new Sequelize(`postgres://app@db/${req.params.name}`);  // site: leak PGC108 library=sequelize category=pool-per-call
  try {
    const [rows] = await tenant.query('SELECT * FROM orders');
    res.json(rows);
  } finally {
    await tenant.close();
  }
});

app.listen(3000);
