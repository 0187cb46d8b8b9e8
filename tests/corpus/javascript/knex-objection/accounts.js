const knex = require('./db');
const makeKnex = require('knex');

async function callback() {
  return knex.transaction(async (trx) => {  // site: correct library=knex
    await trx('accounts').where({ id: 1 }).del();
  });
}

async function manual() {
  const trx = await knex.transaction();  // site: correct library=knex
  try {
    await trx('accounts').where({ id: 1 }).del();
    await trx.commit();
  } catch (e) {
    await trx.rollback(e);
    throw e;
  }
}

async function manualError() {
  const trx = await knex.transaction();  // site: leak PGC102 library=knex category=on-error
  await trx('accounts').where({ id: 1 }).del();
  await trx.commit();
}

async function manualNever() {
  const trx = await knex.transaction();  // site: leak PGC101 library=knex category=never-released
  await trx('accounts').where({ id: 1 }).del();
}

async function manualEarly(id) {
  const trx = await knex.transaction();  // site: leak PGC103 library=knex category=early-exit
  try {
    const row = await trx('accounts').where({ id }).first();
    if (!row) return null;
    await trx.commit();
    return row;
  } catch (e) {
    await trx.rollback();
    throw e;
  }
}

async function manualCompleted() {
  const trx = await knex.transaction();  // site: correct library=knex
  try {
    await trx('accounts').del();
    await trx.commit();
  } finally {
    if (!trx.isCompleted()) await trx.rollback();
  }
}

async function manualLog() {
  const trx = await knex.transaction();  // site: leak PGC102 library=knex category=on-error
  try {
    await trx('accounts').del();
    await trx.commit();
  } catch (e) {
    console.error(e);
    return { error: e.message };
  }
  return { ok: true };
}

async function provider() {
  const provide = knex.transactionProvider();
  const trx = await provide();  // site: correct library=knex
  try {
    await trx('accounts').del();
    await trx.commit();
  } catch (e) {
    await trx.rollback();
    throw e;
  }
}

async function providerError() {
  const provide = knex.transactionProvider();
  const trx = await provide();  // site: leak PGC102 library=knex category=on-error
  await trx('accounts').del();
  await trx.commit();
}

async function low() {
  const connection = await knex.client.acquireConnection();  // site: correct library=knex
  try {
    await connection.query('SELECT 1');
  } finally {
    await knex.client.releaseConnection(connection);
  }
}

async function lowError() {
  const connection = await knex.client.acquireConnection();  // site: leak PGC102 library=knex category=on-error
  await connection.query('SELECT 1');
  await knex.client.releaseConnection(connection);
}

async function query() {
  return knex('accounts').select('*');  // site: correct library=knex
}

async function helper(trx) {
  return trx('accounts').select('*');
}

async function withHelper() {
  const trx = await knex.transaction();  // site: leak PGC102 library=knex category=on-error
  await helper(trx);
  await trx.commit();
}

async function handler(req, res) {
  const own = makeKnex({ client: 'pg', connection: req.tenant.url });  // site: leak PGC108 library=knex category=pool-per-call
  res.json(await own('accounts').select('*'));
}

module.exports = (app) => {
  app.get('/accounts', handler);
  app.get('/a', async (req, res) => res.json(await query()));
};
Object.assign(module.exports, {
  callback, manual, manualError, manualNever, manualEarly, manualCompleted, manualLog, provider, providerError, low,
  lowError, withHelper,
});
