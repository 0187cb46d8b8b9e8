const express = require('express');
const pg = require('pg');

const app = express();

app.use((req, res, next) => {
  req.db = pg;
  req.url = process.env.DATABASE_URL;
  next();
});
app.use('/orders', require('./routes/orders'));

module.exports = app;
