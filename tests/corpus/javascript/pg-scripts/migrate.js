const fs = require('fs');
const { Client, Pool } = require('pg');

async function migrate() {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();  // site: correct library=pg
  for (const file of fs.readdirSync('migrations')) {
    await client.query(fs.readFileSync(`migrations/${file}`, 'utf8'));
  }
  await client.end();
}

migrate()
  .then(() => process.exit(0))
  .catch((e) => {
    console.error(e);
    process.exit(1);
  });
