const pgp = require('pg-promise')({ capSQL: true });

const db = pgp(process.env.DATABASE_URL);  // site: correct library=pg-promise

module.exports = { pgp, db };
