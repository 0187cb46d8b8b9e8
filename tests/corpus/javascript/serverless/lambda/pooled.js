const { Pool } = require('pg');

exports.handler = async (event, context) => {
  const own = new Pool();  // site: leak PGC108 library=pg category=pool-per-call
  const { rows } = await own.query('SELECT 1');
  return { statusCode: 200, body: JSON.stringify(rows) };
};
