import { newSession, Session } from './session';

export function list() {
  return async (req: any, res: any) => {
    const session = newSession();  // site: correct library=pg
    try {
      await session.open();
      const found = await session.query('SELECT 1');
      await session.commit();
      return res.json(found);
    } catch (error) {
      await session.rollback();
      throw error;
    } finally {
      session.release();
    }
  };
}

export function forgetful() {
  return async (req: any, res: any) => {
    const session = newSession();
    try {
      await session.open();  // site: leak PGC101 library=pg category=never-released
      const found = await session.query('SELECT 1');
      await session.commit();
      return res.json(found);
    } catch (error) {
      await session.rollback();
      throw error;
    }
  };
}

export async function hasty(res: any) {
  const session = new Session();
  await session.open();  // site: leak PGC102 library=pg category=on-error
  const found = await session.query('SELECT 1');
  session.release();
  return found;
}
