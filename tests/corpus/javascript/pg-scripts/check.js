const { Client } = require('pg');

const client = new Client();
client
  .connect()  // site: correct library=pg
  .then(() => client.query('SELECT 1'))
  .then((result) => console.log(result.rows))
  .catch(console.error)
  .finally(() => client.end());
