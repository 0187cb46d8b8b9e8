import { checkin, checkout, Connection, Handle, open, using } from './lib';

export async function good() {
  const client = await checkout();  // site: correct library=pg
  try {
    return await client.query('SELECT 1');
  } finally {
    checkin(client);
  }
}

export async function error() {
  const client = await checkout();  // site: leak PGC102 library=pg category=on-error
  const result = await client.query('SELECT 1');
  checkin(client);
  return result;
}

export async function never() {
  const client = await open();  // site: leak PGC101 library=pg category=never-released
  return client.query('SELECT 1');
}

export async function early(flag: boolean) {
  const client = await open();  // site: leak PGC103 library=pg category=early-exit
  try {
    await client.query('SELECT 1');
  } catch (e) {
    checkin(client);
    throw e;
  }
  if (flag) return 1;
  checkin(client);
  return 2;
}

export async function wrapped() {
  return using((client) => client.query('SELECT 1'));
}

export async function wrappedEscape() {
  let kept: unknown;
  await using(async (client) => {
    kept = await client.query('SELECT 1');
  });
  return kept;
}

export async function owned() {
  const connection = await Connection.open();
  try {
    return await connection.query('SELECT 1');
  } finally {
    connection.close();
  }
}

export async function ownedLeaky() {
  const connection = await Connection.open();  // site: leak PGC102 library=pg category=on-error
  const result = await connection.query('SELECT 1');
  connection.close();
  return result;
}

export async function disposed() {
  await using handle = await new Handle().connect();
  return handle.client.query('SELECT 1');
}

export async function both() {
  const a = await checkout();  // site: correct library=pg
  try {
    const b = await checkout();  // site: correct library=pg
    try {
      await a.query('SELECT 1');
      await b.query('SELECT 1');
    } finally {
      checkin(b);
    }
  } finally {
    checkin(a);
  }
}

export async function bothLeaky() {
  const a = await checkout();  // site: leak PGC102 library=pg category=on-error
  const b = await checkout();  // site: correct library=pg
  try {
    await a.query('SELECT 1');
    await b.query('SELECT 1');
  } finally {
    checkin(b);
    checkin(a);
  }
}

export async function nestedFunction() {
  const client = await checkout();  // site: correct library=pg
  const finish = () => client.release();
  try {
    await client.query('SELECT 1');
  } finally {
    finish();
  }
}

export async function viaEvent(socket: { on(name: string, fn: () => void): void }) {
  const client = await checkout();  // site: correct library=pg
  socket.on('close', () => client.release());
}

export async function middleware(req: any, res: any, next: any) {
  const client = await checkout();  // site: correct library=pg
  req.db = client;
  res.on('finish', () => client.release());
  next();
}

export async function pushed(list: unknown[]) {
  list.push(await checkout());  // site: correct library=pg
}

export async function arrays(n: number) {
  const clients = [];
  for (let i = 0; i < n; i++) clients.push(await checkout());  // site: correct library=pg
  for (const client of clients) client.release();
}

export async function catchOnly() {
  const client = await checkout();  // site: leak PGC103 library=pg category=early-exit
  try {
    return await client.query('SELECT 1');
  } catch (e) {
    client.release();
    throw e;
  }
}
