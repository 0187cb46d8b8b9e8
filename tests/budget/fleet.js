'use strict';
/* One process of a fleet: node-postgres asked for more than its pool has. Arguments: URL SIZE OVERFLOW SECONDS. */
const { Pool } = require('pg');

const [url, size, overflow, seconds] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, max: Number(size) + Number(overflow) });

async function main() {
  const asked = Array.from({ length: Number(size) + Number(overflow) + 1 }, () =>
    pool.query('SELECT pg_sleep($1)', [Number(seconds)]).catch((error) => console.log(error.code, error.message)),
  );
  await Promise.all(asked);
  await pool.end();
}

main();
