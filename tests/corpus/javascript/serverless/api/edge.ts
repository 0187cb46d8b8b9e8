import { neon, Pool } from '@neondatabase/serverless';

export const config = { runtime: 'edge' };

export default async function handler(req: Request, ctx: { waitUntil(p: Promise<unknown>): void }) {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL });  // site: correct library=@neondatabase/serverless
  const { rows } = await pool.query('SELECT now()');
  ctx.waitUntil(pool.end());
  return Response.json(rows);
}

export async function http() {
  const sql = neon(process.env.DATABASE_URL!);  // site: correct library=@neondatabase/serverless
  return sql`SELECT 1`;
}
