const { Client, Pool } = require('pg');

const pool = new Pool({ max: 1 });  // site: correct library=pg

exports.good = async () => {
  const client = await pool.connect();  // site: correct library=pg
  try {
    return await client.query('SELECT 1');
  } finally {
    client.release();
  }
};

exports.handler = async (event) => {
  const client = new Client();
  await client.connect();  // site: leak PGC102 library=pg category=on-error
  const { rows } = await client.query('SELECT 1');
  await client.end();
  return { statusCode: 200, body: JSON.stringify(rows) };
};

let cached;
exports.cached = async () => {
  if (!cached) {
    cached = new Client();
    await cached.connect();  // site: correct library=pg
  }
  return cached.query('SELECT 1');
};
