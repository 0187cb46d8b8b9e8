import { createPool } from '@vercel/postgres';

export async function GET() {
  const pool = createPool({ connectionString: process.env.POSTGRES_URL });  // site: leak PGC108 library=@vercel/postgres category=pool-per-call
  const { rows } = await pool.sql`SELECT * FROM pets`;
  return Response.json(rows);
}
