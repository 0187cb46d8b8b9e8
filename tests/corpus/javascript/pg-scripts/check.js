const { Client } = require('pg');

const client = new Client();
client  // site: correct library=pg
  .connect()
  .then(() => client.query('SELECT 1'))
  .then((result) => console.log(result.rows))
  .catch(console.error)
  .finally(() => client.end());
