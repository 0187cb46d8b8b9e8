import { acquire, Database, pool, release } from './database';

const database = new Database(pool);

export async function find(id: number) {
  const client = await acquire();  // site: correct library=pg
  try {
    return (await client.query('SELECT * FROM users WHERE id = $1', [id])).rows[0];
  } finally {
    release(client);
  }
}

export async function findLeaky(id: number) {
  const client = await acquire();  // site: leak PGC102 library=pg category=on-error
  const { rows } = await client.query('SELECT * FROM users WHERE id = $1', [id]);
  release(client);
  return rows[0];
}

export async function findNever(id: number) {
  const client = await acquire();  // site: leak PGC101 library=pg category=never-released
  const { rows } = await client.query('SELECT * FROM users WHERE id = $1', [id]);
  return rows[0];
}

export async function rename(id: number, name: string) {
  return database.transaction(async (client) => {
    await client.query('UPDATE users SET name = $2 WHERE id = $1', [id, name]);
  });
}

export async function retry(id: number) {
  let client = await pool.connect();  // site: leak PGC104 library=pg category=overwritten
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const { rows } = await client.query('SELECT 1', [id]);
      client.release();
      return rows;
    } catch {
      client = await pool.connect();  // site: leak PGC104 library=pg category=overwritten
    }
  }
  client.release();
  return [];
}

export async function broken(id: number) {
  const client = await pool.connect();  // site: correct library=pg
  let failed: Error | undefined;
  try {
    return await client.query('SELECT 1', [id]);
  } catch (e) {
    failed = e as Error;
    throw e;
  } finally {
    client.release(failed);
  }
}

export async function guarded(id: number) {
  const client = await pool.connect();  // site: correct library=pg
  let released = false;
  try {
    await client.query('SELECT 1', [id]);
    client.release();
    released = true;
  } finally {
    if (!released) client.release();
  }
}

export async function parallel(ids: number[]) {
  await Promise.all(
    ids.map(async (id) => {
      const client = await pool.connect();  // site: correct library=pg
      try {
        await client.query('SELECT 1', [id]);
      } finally {
        client.release();
      }
    }),
  );
}

export async function parallelLeaky(ids: number[]) {
  await Promise.all(
    ids.map(async (id) => {
      const client = await pool.connect();  // site: leak PGC102 library=pg category=on-error
      await client.query('SELECT 1', [id]);
      client.release();
    }),
  );
}

export async function loopBreak(ids: number[]) {
  for (const id of ids) {
    const client = await pool.connect();  // site: leak PGC103 library=pg category=early-exit
    try {
      const { rows } = await client.query('SELECT 1', [id]);
      if (rows.length) break;
      client.release();
    } catch (e) {
      client.release();
      throw e;
    }
  }
}

export async function loopContinue(ids: number[]) {
  for (const id of ids) {
    const client = await pool.connect();  // site: leak PGC103 library=pg category=early-exit
    try {
      const { rows } = await client.query('SELECT 1', [id]);
      if (!rows.length) continue;
      await client.query('UPDATE t SET x = 1');
      client.release();
    } catch (e) {
      client.release();
      throw e;
    }
  }
}

export async function stored(registry: Map<string, unknown>) {
  const client = await pool.connect();  // site: correct library=pg
  registry.set('client', client);
}

export async function returnedInObject() {
  const client = await pool.connect();  // site: correct library=pg
  return { client, done: () => client.release() };
}

export async function usesObject() {
  const { client, done } = await returnedInObject();
  try {
    await client.query('SELECT 1');
  } finally {
    done();
  }
}

export async function timeout() {
  const client = await pool.connect();  // site: correct library=pg
  const timer = setTimeout(() => console.error('slow'), 1000);
  try {
    return await client.query('SELECT 1');
  } finally {
    clearTimeout(timer);
    client.release();
  }
}

export async function switched(kind: string) {
  const client = await pool.connect();  // site: leak PGC103 library=pg category=early-exit
  switch (kind) {
    case 'a':
      try {
        await client.query('SELECT 1');
      } finally {
        client.release();
      }
      return 1;
    case 'b':
      return 2;
    default:
      client.release();
      return 3;
  }
}

export async function thrown(kind: string) {
  const client = await pool.connect();  // site: leak PGC102 library=pg category=on-error
  if (kind !== 'a') {
    throw new Error('unknown kind');
  }
  client.release();
}

export async function optional(use: boolean) {
  const client = use ? await pool.connect() : null;  // site: correct library=pg
  try {
    await client?.query('SELECT 1');
  } finally {
    client?.release();
  }
}

export async function destroyed() {
  const client = await pool.connect();  // site: correct library=pg
  try {
    await client.query('LISTEN x');
  } finally {
    client.release(true);
  }
}

export async function endInstead() {
  const client = await pool.connect();  // site: leak PGC101 library=pg category=never-released
  try {
    await client.query('SELECT 1');
  } finally {
    await (client as any).end();
  }
}
