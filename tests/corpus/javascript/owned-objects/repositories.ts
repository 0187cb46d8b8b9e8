import { Pool, PoolClient } from 'pg';

const pool = new Pool();  // site: correct library=pg

class Table {
  constructor(protected readonly client: PoolClient) {}
}

class Users extends Table {
  async add(name: string) {
    return this.client.query('INSERT INTO users (name) VALUES ($1)', [name]);
  }
}

class Batch {
  constructor(private readonly client: PoolClient) {}

  async write(text: string) {
    await this.client.query(text);
  }

  async settle() {
    await this.client.query('COMMIT');
    this.client.release();
  }
}

export async function add(name: string) {
  const client = await pool.connect();  // site: leak PGC101 library=pg category=never-released
  const users = new Users(client);
  return users.add(name);
}

export async function addSafely(name: string) {
  const client = await pool.connect();  // site: correct library=pg
  try {
    return await new Users(client).add(name);
  } finally {
    client.release();
  }
}

export async function write(text: string) {
  const client = await pool.connect();  // site: correct library=pg
  const batch = new Batch(client);
  await batch.write(text);
  await batch.settle();
}

export async function usersOf(name: string) {
  const client = await pool.connect();  // site: correct library=pg
  return new Users(client);
}
