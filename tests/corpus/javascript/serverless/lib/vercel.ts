import { createClient, db, sql } from '@vercel/postgres';

export async function simple() {
  return sql`SELECT * FROM pets`;  // site: correct library=@vercel/postgres
}

export async function ok() {
  const client = await db.connect();  // site: correct library=@vercel/postgres
  try {
    return await client.sql`SELECT * FROM pets`;
  } finally {
    client.release();
  }
}

export async function never() {
  const client = await db.connect();  // site: leak PGC101 library=@vercel/postgres category=never-released
  const pets = await client.sql`SELECT * FROM pets`;
  return pets.rows;
}

export async function error() {
  const client = await db.connect();  // site: leak PGC102 library=@vercel/postgres category=on-error
  const pets = await client.sql`SELECT * FROM pets`;
  client.release();
  return pets.rows;
}

export async function single() {
  const client = createClient();
  await client.connect();  // site: correct library=@vercel/postgres
  try {
    return await client.sql`SELECT * FROM pets`;
  } finally {
    await client.end();
  }
}

export async function singleError() {
  const client = createClient();
  await client.connect();  // site: leak PGC102 library=@vercel/postgres category=on-error
  const pets = await client.sql`SELECT * FROM pets`;
  await client.end();
  return pets;
}
