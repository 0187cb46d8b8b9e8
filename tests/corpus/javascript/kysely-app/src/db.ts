import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';

export interface Tables {
  person: { id: number; name: string };
}

export const db = new Kysely<Tables>({
  dialect: new PostgresDialect({ pool: new Pool({ max: 10 }) }),  // site: correct library=kysely
});
