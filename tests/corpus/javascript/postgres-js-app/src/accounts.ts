import sql from './sql';

export async function list() {
  return sql`SELECT * FROM accounts`;  // site: correct library=postgres
}

export async function transfer(from: number, to: number) {
  return sql.begin(async (tx) => {  // site: correct library=postgres
    await tx`UPDATE accounts SET amount = amount - 1 WHERE id = ${from}`;
    await tx`UPDATE accounts SET amount = amount + 1 WHERE id = ${to}`;
  });
}

export async function reserved() {
  const one = await sql.reserve();  // site: correct library=postgres
  try {
    return await one`SELECT 1`;
  } finally {
    one.release();
  }
}

export async function reservedError() {
  const one = await sql.reserve();  // site: leak PGC102 library=postgres category=on-error
  const rows = await one`SELECT 1`;
  one.release();
  return rows;
}

export async function reservedNever() {
  const one = await sql.reserve();  // site: leak PGC101 library=postgres category=never-released
  return one`SELECT 1`;
}

export async function reservedTwice() {
  const one = await sql.reserve();  // site: leak PGC105 library=postgres category=released-twice
  try {
    await one`SELECT 1`;
    one.release();
  } finally {
    one.release();
  }
}

export async function reservedEarly(id: number) {
  const one = await sql.reserve();  // site: leak PGC103 library=postgres category=early-exit
  try {
    const [row] = await one`SELECT * FROM accounts WHERE id = ${id}`;
    if (!row) return null;
    one.release();
    return row;
  } catch (e) {
    one.release();
    throw e;
  }
}

export async function reservedAgain() {
  let one = await sql.reserve();  // site: leak PGC104 library=postgres category=overwritten
  one = await sql.reserve();  // site: correct library=postgres
  try {
    return await one`SELECT 1`;
  } finally {
    one.release();
  }
}
