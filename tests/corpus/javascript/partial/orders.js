const { types } = require('pg');
const pool = require('../config/db');
const { getClient } = require('../lib/database');

types.setTypeParser(20, Number);

exports.one = async (req, res) => {
  const client = await pool.connect();  // site: leak PGC103 library=pg category=early-exit
  const { rows } = await client.query('SELECT * FROM orders WHERE id = $1', [req.params.id]);
  if (!rows.length) return res.status(404).json({});
  client.release();
  res.json(rows[0]);
};

exports.all = async (req, res) => {
  const client = await getClient();  // site: leak PGC102 library=pg category=on-error
  const { rows } = await client.query('SELECT * FROM orders');
  client.release();
  res.json(rows);
};

exports.create = async (req, res) => {
  const client = await getClient();  // site: correct library=pg
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO orders VALUES ($1)', [req.body.id]);
    await client.query('COMMIT');
    res.status(201).end();
  } catch (error) {
    await client.query('ROLLBACK');
    res.status(500).end();
  } finally {
    client.release();
  }
};
