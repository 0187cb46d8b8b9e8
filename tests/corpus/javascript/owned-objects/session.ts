import { Pool, PoolClient } from 'pg';

const pool = new Pool();  // site: correct library=pg

export class Session {
  private client: PoolClient | null = null;

  async open() {
    if (this.client) return;
    this.client = await pool.connect();  // site: correct library=pg
    await this.client.query('BEGIN');
  }

  async query(text: string) {
    return this.client!.query(text);
  }

  async commit() {
    await this.client!.query('COMMIT');
  }

  async rollback() {
    await this.client?.query('ROLLBACK');
  }

  release() {
    if (!this.client) return;
    this.client.release();
    this.client = null;
  }
}

export const newSession = () => new Session();  // site: correct library=pg
