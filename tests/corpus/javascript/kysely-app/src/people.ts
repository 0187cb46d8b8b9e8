import { db } from './db';

export async function all() {
  return db.selectFrom('person').selectAll().execute();  // site: correct library=kysely
}

export async function managed() {
  return db.transaction().execute(async (trx) => trx.deleteFrom('person').execute());  // site: correct library=kysely
}

export async function connection() {
  return db.connection().execute((c) => c.selectFrom('person').selectAll().execute());  // site: correct library=kysely
}

export async function controlled() {
  const trx = await db.startTransaction().execute();  // site: correct library=kysely
  try {
    await trx.deleteFrom('person').execute();
    await trx.commit().execute();
  } catch (e) {
    await trx.rollback().execute();
    throw e;
  }
}

export async function controlledError() {
  const trx = await db.startTransaction().execute();  // site: leak PGC102 library=kysely category=on-error
  await trx.deleteFrom('person').execute();
  await trx.commit().execute();
}

export async function controlledNever() {
  const trx = await db.startTransaction().execute();  // site: leak PGC101 library=kysely category=never-released
  return trx.selectFrom('person').selectAll().execute();
}

export async function controlledNotExecuted() {
  const trx = await db.startTransaction().execute();  // site: leak PGC101 library=kysely category=never-released
  try {
    await trx.deleteFrom('person').execute();
    await trx.commit();
  } catch (e) {
    await trx.rollback();
    throw e;
  }
}

export async function controlledEarly(id: number) {
  const trx = await db.startTransaction().setIsolationLevel('serializable').execute();  // site: leak PGC103 library=kysely category=early-exit
  try {
    const person = await trx.selectFrom('person').where('id', '=', id).selectAll().executeTakeFirst();
    if (!person) return undefined;
    await trx.commit().execute();
    return person;
  } catch (e) {
    await trx.rollback().execute();
    throw e;
  }
}
