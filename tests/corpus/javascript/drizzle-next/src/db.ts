import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';

const globalForDb = globalThis as unknown as { pool?: Pool };
const pool = globalForDb.pool ?? new Pool({ connectionString: process.env.DATABASE_URL });  // site: correct library=drizzle
if (process.env.NODE_ENV !== 'production') globalForDb.pool = pool;

export const db = drizzle(pool);  // site: correct library=drizzle
export const hidden = drizzle(process.env.DATABASE_URL!);  // site: correct library=drizzle
