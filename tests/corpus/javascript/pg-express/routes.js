const express = require('express');
const { Pool, Client } = require('pg');
const db = require('./db');
const { pool, getClient, withClient, withTransaction } = require('./db');

const router = express.Router();

router.get('/orders', async (req, res) => {
  const client = await pool.connect();  // site: leak PGC102 library=pg category=on-error
  const { rows } = await client.query('SELECT * FROM orders');
  client.release();
  res.json(rows);
});

router.get('/orders/all', async (req, res) => {
  const client = await pool.connect();  // site: leak PGC101 library=pg category=never-released
  const { rows } = await client.query('SELECT * FROM orders');
  res.json(rows);
});

router.get('/orders/:id', async (req, res, next) => {
  const client = await pool.connect();  // site: correct library=pg
  try {
    const { rows } = await client.query('SELECT * FROM orders WHERE id = $1', [req.params.id]);
    if (rows.length === 0) return res.sendStatus(404);
    res.json(rows[0]);
  } catch (err) {
    next(err);
  } finally {
    client.release();
  }
});

router.put('/orders/:id', async (req, res, next) => {
  const client = await pool.connect();  // site: leak PGC103 library=pg category=early-exit
  try {
    const { rows } = await client.query('SELECT * FROM orders WHERE id = $1', [req.params.id]);
    if (rows.length === 0) {
      return res.status(404).json({ error: 'not found' });
    }
    await client.query('UPDATE orders SET note = $1', [req.body.note]);
    client.release();
    res.json(rows[0]);
  } catch (err) {
    client.release();
    next(err);
  }
});

router.post('/orders', async (req, res) => {
  let client;
  try {
    client = await pool.connect();  // site: correct library=pg
    await client.query('INSERT INTO orders VALUES ($1)', [req.body.id]);
    res.sendStatus(201);
  } catch (err) {
    res.status(500).send(err.message);
  } finally {
    if (client) client.release();
  }
});

router.delete('/orders/:id', async (req, res) => {
  try {
    const client = await pool.connect();  // site: leak PGC102 library=pg category=on-error
    await client.query('DELETE FROM orders WHERE id = $1', [req.params.id]);
    client.release();
    res.sendStatus(204);
  } catch (err) {
    console.error(err);
    res.sendStatus(500);
  }
});

router.post('/orders/:id/ship', async (req, res) => {
  const client = await db.getClient();  // site: leak PGC105 library=pg category=released-twice
  try {
    await client.query('UPDATE orders SET shipped = true WHERE id = $1', [req.params.id]);
    client.release();
    res.sendStatus(204);
  } finally {
    client.release();
  }
});

router.post('/orders/:id/pay', async (req, res) => {
  const client = await db.getClient();  // site: leak PGC106 library=pg category=used-after-release
  const { rows } = await client.query('SELECT 1').finally(() => client.release());
  await client.query('UPDATE orders SET paid = true WHERE id = $1', [req.params.id]);
  res.json(rows);
});

router.get('/count', async (req, res) => {
  const client = await getClient();  // site: leak PGC102 library=pg category=on-error
  const result = await client.query('SELECT count(*) FROM orders');
  client.release();
  res.json(result.rows[0]);
});

router.get('/sum', async (req, res) => {
  const result = await withClient((client) => client.query('SELECT sum(total) FROM orders'));
  res.json(result.rows[0]);
});

router.get('/tx', async (req, res) => {
  await withTransaction(async (client) => {
    await client.query('DELETE FROM cart');
  });
  res.sendStatus(204);
});

router.get('/pool', async (req, res) => {
  const own = new Pool();  // site: leak PGC108 library=pg category=pool-per-call
  const { rows } = await own.query('SELECT 1');
  res.json(rows);
});

router.get('/pool-closed', async (req, res) => {
  const own = new Pool({ max: 2 });  // site: leak PGC108 library=pg category=pool-per-call
  try {
    const { rows } = await own.query('SELECT 1');
    res.json(rows);
  } finally {
    await own.end();
  }
});

router.get('/client', async (req, res) => {
  const client = new Client();
  await client.connect();  // site: leak PGC101 library=pg category=never-released
  const { rows } = await client.query('SELECT 1');
  res.json(rows);
});

router.get('/client-error', async (req, res) => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();  // site: leak PGC102 library=pg category=on-error
  const { rows } = await client.query('SELECT 1');
  await client.end();
  res.json(rows);
});

router.get('/client-ok', async (req, res) => {
  const client = new Client();
  await client.connect();  // site: correct library=pg
  try {
    const { rows } = await client.query('SELECT 1');
    res.json(rows);
  } finally {
    await client.end();
  }
});

router.get('/callback', (req, res, next) => {
  pool.connect((err, client, done) => {  // site: correct library=pg
    if (err) return next(err);
    client.query('SELECT 1', (err, result) => {
      done();
      if (err) return next(err);
      res.json(result.rows);
    });
  });
});

router.get('/callback-early', (req, res, next) => {
  pool.connect((err, client, done) => {  // site: leak PGC103 library=pg category=early-exit
    if (err) return next(err);
    client.query('SELECT 1', (err, result) => {
      if (err) return next(err);
      done();
      res.json(result.rows);
    });
  });
});

router.get('/callback-never', (req, res, next) => {
  pool.connect((err, client, done) => {  // site: leak PGC101 library=pg category=never-released
    if (err) return next(err);
    client.query('SELECT 1', (err, result) => {
      if (err) return next(err);
      res.json(result.rows);
    });
  });
});

router.get('/callback-release', (req, res, next) => {
  pool.connect(function (err, client, release) {  // site: correct library=pg
    if (err) return next(err);
    client.query('SELECT 1', function (err, result) {
      release();
      if (err) return next(err);
      res.json(result.rows);
    });
  });
});

router.get('/then', (req, res, next) => {
  pool.connect().then((client) => {  // site: correct library=pg
    return client
      .query('SELECT 1')
      .then((result) => res.json(result.rows))
      .catch(next)
      .finally(() => client.release());
  });
});

router.get('/then-error', (req, res, next) => {
  pool  // site: leak PGC102 library=pg category=on-error
    .connect()
    .then((client) =>
      client.query('SELECT 1').then((result) => {
        client.release();
        res.json(result.rows);
      }),
    )
    .catch(next);
});

router.get('/then-both', (req, res) => {
  pool.connect().then((client) => {  // site: correct library=pg
    client
      .query('SELECT 1')
      .then((result) => {
        client.release();
        res.json(result.rows);
      })
      .catch((err) => {
        client.release();
        res.status(500).send(err.message);
      });
  });
});

router.get('/then-never', (req, res) => {
  pool.connect().then((client) => client.query('SELECT 1')).then((result) => res.json(result.rows));  // site: leak PGC101 library=pg category=never-released
});

module.exports = router;

const giveBack = (client) => client.release();

async function twiceByHelper() {
  const client = await pool.connect();  // site: leak PGC105 library=pg category=released-twice
  try {
    await client.query('SELECT 1');
    giveBack(client);
  } finally {
    giveBack(client);
  }
}
