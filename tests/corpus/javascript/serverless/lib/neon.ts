import { Pool } from '@neondatabase/serverless';

const pool = new Pool({ connectionString: process.env.DATABASE_URL });  // site: correct library=@neondatabase/serverless

export async function ok() {
  const client = await pool.connect();  // site: correct library=@neondatabase/serverless
  try {
    return await client.query('SELECT 1');
  } finally {
    client.release();
  }
}

export async function error() {
  const client = await pool.connect();  // site: leak PGC102 library=@neondatabase/serverless category=on-error
  const result = await client.query('SELECT 1');
  client.release();
  return result;
}

export async function never() {
  const client = await pool.connect();  // site: leak PGC101 library=@neondatabase/serverless category=never-released
  return client.query('SELECT 1');
}
