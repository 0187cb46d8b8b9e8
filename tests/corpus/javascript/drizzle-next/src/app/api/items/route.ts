import { drizzle } from 'drizzle-orm/node-postgres';
import { sql } from 'drizzle-orm';
import { Pool } from 'pg';

import { db } from '../../../db';

export async function GET() {
  const rows = await db.execute(sql`SELECT * FROM items`);  // site: correct library=drizzle
  return Response.json(rows);
}

export async function POST() {
  await db.transaction(async (tx) => {  // site: correct library=drizzle
    await tx.execute(sql`DELETE FROM items`);
  });
  return new Response(null, { status: 204 });
}

export async function PUT() {
  const own = drizzle(process.env.DATABASE_URL!);  // site: leak PGC108 library=drizzle category=pool-per-call
  return Response.json(await own.execute(sql`SELECT 1`));
}

export async function DELETE() {
  const pool = new Pool();  // site: leak PGC108 library=pg category=pool-per-call
  const own = drizzle(pool);
  return Response.json(await own.execute(sql`SELECT 1`));
}
