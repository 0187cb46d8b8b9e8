import { Client, Pool } from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { pipeline } from 'node:stream/promises';

const pool = new Pool();  // site: correct library=pg

export class Listener {
  private client: Client | null = null;

  async start() {
    this.client = new Client();
    await this.client.connect();  // site: correct library=pg
    await this.client.query('LISTEN jobs');
    this.client.on('notification', () => this.poll());
  }

  async stop() {
    await this.client?.end();
  }

  private async poll() {
    const client = await pool.connect();  // site: correct library=pg
    try {
      await client.query('SELECT * FROM jobs FOR UPDATE SKIP LOCKED LIMIT 1');
    } finally {
      client.release();
    }
  }
}

export async function stream(out: NodeJS.WritableStream) {
  const client = await pool.connect();  // site: correct library=pg
  try {
    await pipeline(client.query(new QueryStream('SELECT * FROM big')), out);
  } finally {
    client.release();
  }
}

export async function* rows() {
  const client = await pool.connect();  // site: correct library=pg
  const cursor = client.query(new Cursor('SELECT * FROM big'));
  try {
    let batch = await cursor.read(100);
    while (batch.length) {
      yield* batch;
      batch = await cursor.read(100);
    }
  } finally {
    await cursor.close();
    client.release();
  }
}

export async function* rowsLeaky() {
  const client = await pool.connect();  // site: leak PGC102 library=pg category=on-error
  const { rows } = await client.query('SELECT * FROM big');
  for (const row of rows) yield row;
  client.release();
}

export async function lock(key: number, work: () => Promise<void>) {
  const client = await pool.connect();  // site: leak PGC103 library=pg category=early-exit
  try {
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS ok', [key]);
    if (!rows[0].ok) return false;
    await work();
    await client.query('SELECT pg_advisory_unlock($1)', [key]);
  } catch (e) {
    client.release(true);
    throw e;
  }
  client.release();
  return true;
}

export function promised(): Promise<number> {
  return new Promise((resolve, reject) => {
    pool.connect((err, client, done) => {  // site: correct library=pg
      if (err || !client) return reject(err);
      client.query('SELECT 1', (error, result) => {
        done();
        if (error) reject(error);
        else resolve(result.rowCount ?? 0);
      });
    });
  });
}

export function promisedLeaky(): Promise<number> {
  return new Promise((resolve, reject) => {
    pool.connect((err, client, done) => {  // site: leak PGC103 library=pg category=early-exit
      if (err || !client) return reject(err);
      client.query('SELECT 1', (error, result) => {
        if (error) {
          reject(error);
          return;
        }
        done();
        resolve(result.rowCount ?? 0);
      });
    });
  });
}

export async function reconnecting() {
  let client = new Client();
  await client.connect();  // site: correct library=pg
  client.on('error', async () => {
    client = new Client();
    await client.connect();
  });
  return client;
}

export async function twice() {
  const client = await pool.connect();  // site: leak PGC105 library=pg category=released-twice
  try {
    await client.query('SELECT 1');
  } catch (e) {
    client.release();
    throw e;
  } finally {
    client.release();
  }
}

export async function after() {
  const client = await pool.connect();  // site: leak PGC106 library=pg category=used-after-release
  try {
    await client.query('SELECT 1');
  } finally {
    client.release();
  }
  await client.query('SELECT 2');
}

export async function afterSimple() {
  const client = await pool.connect();  // site: leak PGC106 library=pg category=used-after-release
  client.release();
  return client.query('SELECT 2');
}
