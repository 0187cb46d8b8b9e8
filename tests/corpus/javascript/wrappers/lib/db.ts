import { Pool, PoolClient } from 'pg';

const pool = new Pool();  // site: correct library=pg

export async function checkout(): Promise<PoolClient> {
  return await pool.connect();  // site: correct library=pg
}

export const checkin = (client: PoolClient) => client.release();

export const using = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect();  // site: correct library=pg
  try {
    return await work(client);
  } finally {
    checkin(client);
  }
};

export const usingLeaky = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect();  // site: leak PGC102 library=pg category=on-error
  const result = await work(client);
  checkin(client);
  return result;
};

export class Connection {
  private constructor(private readonly client: PoolClient) {}

  static async open(): Promise<Connection> {
    return new Connection(await pool.connect());  // site: correct library=pg
  }

  query(text: string) {
    return this.client.query(text);
  }

  close() {
    this.client.release();
  }
}

export class Handle {
  client!: PoolClient;

  async connect() {
    this.client = await pool.connect();  // site: correct library=pg
    return this;
  }

  async [Symbol.asyncDispose]() {
    this.client.release();
  }
}
