import { createPool, sql } from 'slonik';

const pool = await createPool(process.env.DATABASE_URL!);  // site: correct library=slonik

export async function users() {
  return pool.connect(async (connection) => connection.any(sql.unsafe`SELECT * FROM users`));  // site: correct library=slonik
}

export async function remove(id: number) {
  return pool.transaction(async (tx) => {  // site: correct library=slonik
    await tx.query(sql.unsafe`DELETE FROM users WHERE id = ${id}`);
  });
}

export async function one(id: number) {
  return pool.maybeOne(sql.unsafe`SELECT * FROM users WHERE id = ${id}`);  // site: correct library=slonik
}
