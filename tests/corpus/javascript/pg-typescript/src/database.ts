import { Pool, PoolClient, QueryResult } from 'pg';

export const pool = new Pool({ connectionTimeoutMillis: 2000 });  // site: correct library=pg

export async function acquire(): Promise<PoolClient> {
  const client = await pool.connect();  // site: leak PGC102 library=pg category=on-error
  await client.query("SET application_name = 'x'");
  return client;
}

export function release(client: PoolClient, error?: Error): void {
  client.release(error);
}

export class Database {
  constructor(private readonly pool: Pool) {}

  async query(text: string, values: unknown[] = []): Promise<QueryResult> {
    const client = await this.pool.connect();  // site: correct library=pg
    try {
      return await client.query(text, values);
    } finally {
      client.release();
    }
  }

  async queryUnawaited(text: string): Promise<QueryResult> {
    const client = await this.pool.connect();  // site: correct library=pg
    try {
      return client.query(text);
    } finally {
      client.release();
    }
  }

  async run(text: string): Promise<void> {
    const client = await this.pool.connect();  // site: leak PGC102 library=pg category=on-error
    await client.query(text);
    client.release();
  }

  async exists(id: number): Promise<boolean> {
    const client = await this.pool.connect();  // site: leak PGC103 library=pg category=early-exit
    try {
      const { rowCount } = await client.query('SELECT 1 FROM t WHERE id = $1', [id]);
      if (!rowCount) return false;
      client.release();
      return true;
    } catch (e) {
      client.release(e as Error);
      throw e;
    }
  }

  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();  // site: correct library=pg
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (e) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw e;
    } finally {
      client.release();
    }
  }

  async transactionLeaky<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();  // site: leak PGC102 library=pg category=on-error
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (e) {
      await client.query('ROLLBACK');
      throw e;
    }
  }

  async transactionRollbackFirst<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();  // site: leak PGC102 library=pg category=on-error
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (e) {
      await client.query('ROLLBACK');
      client.release();
      throw e;
    }
  }

  async end(): Promise<void> {
    await this.pool.end();
  }
}

export class Unit {
  private client?: PoolClient;

  async begin(): Promise<void> {
    this.client = await pool.connect();  // site: correct library=pg
    await this.client.query('BEGIN');
  }

  async commit(): Promise<void> {
    await this.client!.query('COMMIT');
    this.client!.release();
    this.client = undefined;
  }
}
