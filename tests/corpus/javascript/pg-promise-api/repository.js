const { db } = require('./db');
const pgPromise = require('pg-promise');

async function users() {
  return db.any('SELECT * FROM users');  // site: correct library=pg-promise
}

async function task() {
  return db.task(async (t) => {  // site: correct library=pg-promise
    const user = await t.one('SELECT * FROM users LIMIT 1');
    return t.any('SELECT * FROM orders WHERE user_id = $1', user.id);
  });
}

async function tx() {
  return db.tx((t) => t.batch([t.none('DELETE FROM a'), t.none('DELETE FROM b')]));  // site: correct library=pg-promise
}

async function shared() {
  const sco = await db.connect();  // site: correct library=pg-promise
  try {
    return await sco.any('SELECT * FROM users');
  } finally {
    sco.done();
  }
}

async function sharedError() {
  const sco = await db.connect();  // site: leak PGC102 library=pg-promise category=on-error
  const rows = await sco.any('SELECT * FROM users');
  sco.done();
  return rows;
}

async function sharedNever() {
  const sco = await db.connect();  // site: leak PGC101 library=pg-promise category=never-released
  return sco.any('SELECT * FROM users');
}

async function sharedTwice() {
  const sco = await db.connect();  // site: leak PGC105 library=pg-promise category=released-twice
  try {
    await sco.any('SELECT * FROM users');
    sco.done();
  } finally {
    sco.done();
  }
}

async function sharedAfter() {
  const sco = await db.connect();  // site: leak PGC106 library=pg-promise category=used-after-release
  sco.done();
  return sco.any('SELECT * FROM users');
}

async function sharedEarly() {
  const sco = await db.connect();  // site: leak PGC103 library=pg-promise category=early-exit
  try {
    const row = await sco.oneOrNone('SELECT * FROM users');
    if (!row) return null;
    sco.done();
    return row;
  } catch (e) {
    sco.done();
    throw e;
  }
}

function sharedThen() {
  let sco;
  return db  // site: correct library=pg-promise
    .connect()
    .then((obj) => {
      sco = obj;
      return sco.any('SELECT * FROM users');
    })
    .finally(() => {
      if (sco) sco.done();
    });
}

async function direct() {
  const sco = await db.connect({ direct: true });  // site: correct library=pg-promise
  try {
    await sco.none('LISTEN x');
  } finally {
    await sco.done();
  }
}

async function directNever() {
  const sco = await db.connect({ direct: true });  // site: leak PGC101 library=pg-promise category=never-released
  await sco.none('NOTIFY x');
}

exports.handler = async (event) => {
  const own = pgPromise()(process.env.OTHER_URL);  // site: leak PGC108 library=pg-promise category=pool-per-call
  return own.any('SELECT * FROM users');
};

module.exports = { users, task, tx, shared, sharedError, sharedNever, sharedTwice, sharedAfter, sharedEarly, sharedThen, direct, directNever };
