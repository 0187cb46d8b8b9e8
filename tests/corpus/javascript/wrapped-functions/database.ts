import { Pool, PoolClient } from 'pg';

const pool = new Pool();

export const reported =
  <A extends unknown[], R>(fn: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    try {
      return await fn(...args);
    } catch (error) {
      throw new Error(`database: ${error}`);
    }
  };

export interface Connection {
  open: () => Promise<void>;
  run: (text: string) => Promise<unknown>;
  commit: () => Promise<void>;
  rollback: () => Promise<void>;
  raw: () => Promise<PoolClient>;
  release: () => void;
}

export function connection(): Connection {
  let client: PoolClient;
  let open = false;
  const _raw = async () => pool.connect();  // site: correct library=pg
  const _open = async () => {
    if (open) return;
    client = await pool.connect();  // site: correct library=pg
    open = true;
    await client.query('BEGIN');
  };
  const _run = async (text: string) => client.query(text);
  const _commit = async () => {
    await client.query('COMMIT');
  };
  const _rollback = async () => {
    await client.query('ROLLBACK');
  };
  const _release = () => {
    if (!open) return;
    client.release();
    open = false;
  };
  return {
    open: reported(_open),
    run: reported(_run),
    commit: reported(_commit),
    rollback: reported(_rollback),
    raw: reported(_raw),
    release: _release,
  };
}
