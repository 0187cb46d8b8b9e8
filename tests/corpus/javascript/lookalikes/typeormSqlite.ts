import { DataSource } from 'typeorm';

const source = new DataSource({ type: 'sqlite', database: 'local.db' });

export async function leaky() {
  const runner = source.createQueryRunner();  // site: correct library=other
  await runner.connect();
  return runner.query('SELECT 1');
}
