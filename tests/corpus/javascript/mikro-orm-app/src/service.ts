import { MikroORM } from '@mikro-orm/postgresql';

export const orm = await MikroORM.init({ dbName: 'app', clientUrl: process.env.DATABASE_URL });  // site: correct library=mikro-orm

export async function managed() {
  return orm.em.fork().transactional(async (em) => em.flush());  // site: correct library=mikro-orm
}

export async function manual() {
  const em = orm.em.fork();
  await em.begin();  // site: correct library=mikro-orm
  try {
    await em.flush();
    await em.commit();
  } catch (e) {
    await em.rollback();
    throw e;
  }
}

export async function manualError() {
  const em = orm.em.fork();
  await em.begin();  // site: leak PGC102 library=mikro-orm category=on-error
  await em.execute('DELETE FROM t');
  await em.commit();
}

export async function manualNever() {
  const em = orm.em.fork();
  await em.begin();  // site: leak PGC101 library=mikro-orm category=never-released
  await em.execute('DELETE FROM t');
}

export async function manualEarly(flag: boolean) {
  const em = orm.em.fork();
  await em.begin();  // site: leak PGC103 library=mikro-orm category=early-exit
  try {
    if (flag) return 0;
    await em.commit();
    return 1;
  } catch (e) {
    await em.rollback();
    throw e;
  }
}
