const { Model, transaction } = require('objection');
const knex = require('./db');

Model.knex(knex);

class Person extends Model {
  static tableName = 'people';
}

async function managed() {
  return Person.transaction(async (trx) => Person.query(trx).insert({ name: 'x' }));  // site: correct library=objection
}

async function managedFunction() {
  return transaction(Person.knex(), (trx) => Person.query(trx).insert({ name: 'x' }));  // site: correct library=objection
}

async function started() {
  const trx = await Person.startTransaction();  // site: correct library=objection
  try {
    await Person.query(trx).insert({ name: 'x' });
    await trx.commit();
  } catch (e) {
    await trx.rollback();
    throw e;
  }
}

async function startedError() {
  const trx = await Person.startTransaction();  // site: leak PGC102 library=objection category=on-error
  await Person.query(trx).insert({ name: 'x' });
  await trx.commit();
}

async function startFunction() {
  const trx = await transaction.start(Person);  // site: leak PGC101 library=objection category=never-released
  await Person.query(trx).insert({ name: 'x' });
}

async function startFunctionEarly(id) {
  const trx = await transaction.start(knex);  // site: leak PGC103 library=objection category=early-exit
  try {
    const person = await Person.query(trx).findById(id);
    if (!person) return false;
    await trx.commit();
    return true;
  } catch (e) {
    await trx.rollback();
    throw e;
  }
}

module.exports = { managed, managedFunction, started, startedError, startFunction, startFunctionEarly };
