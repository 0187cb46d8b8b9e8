const { Pool } = require('pg');

const pool = new Pool();  // site: correct library=pg

async function main() {
  const client = await pool.connect();  // site: correct library=pg
  try {
    console.log(await client.query('SELECT 1'));
  } finally {
    client.release();
  }
}

main().finally(() => pool.end());
