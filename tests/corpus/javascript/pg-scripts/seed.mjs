import pg from 'pg';

const pool = new pg.Pool();  // site: correct library=pg
const client = await pool.connect();  // site: correct library=pg
try {
  await client.query("INSERT INTO users VALUES ('admin')");
} finally {
  client.release();
  await pool.end();
}
