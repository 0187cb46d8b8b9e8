const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });  // site: correct library=pg

async function getClient() {
  return pool.connect();  // site: correct library=pg
}

async function withClient(fn) {
  const client = await pool.connect();  // site: correct library=pg
  try {
    return await fn(client);
  } finally {
    client.release();
  }
}

async function withTransaction(fn) {
  const client = await pool.connect();  // site: correct library=pg
  try {
    await client.query('BEGIN');
    const result = await fn(client);
    await client.query('COMMIT');
    return result;
  } catch (e) {
    await client.query('ROLLBACK');
    throw e;
  } finally {
    client.release();
  }
}

async function withClientLeaky(fn) {
  const client = await pool.connect();  // site: leak PGC102 library=pg category=on-error
  const result = await fn(client);
  client.release();
  return result;
}

module.exports = { pool, getClient, withClient, withTransaction, withClientLeaky, query: (t, p) => pool.query(t, p) };
