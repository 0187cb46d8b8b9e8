import { Pool, PoolClient } from 'pg';

declare global {
  // eslint-disable-next-line no-var
  var _pool: Pool | undefined;
}

export function pool(): Pool {
  if (!globalThis._pool) {
    globalThis._pool = new Pool({ max: 5 });  // site: correct library=pg
  }
  return globalThis._pool;
}

let lazy: Pool | undefined;

export function lazyPool(): Pool {
  return (lazy ??= new Pool());  // site: correct library=pg
}

let single: Promise<PoolClient> | null = null;

export function singleClient(): Promise<PoolClient> {
  if (single === null) single = pool().connect();  // site: correct library=pg
  return single;
}

const pools: Record<string, Pool> = {};

export function poolFor(name: string): Pool {
  if (!pools[name]) {
    pools[name] = new Pool({ database: name });  // site: correct library=pg
  }
  return pools[name];
}
