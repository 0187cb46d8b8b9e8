import { connection, Connection } from './database';

export class Orders {
  constructor(private readonly connection: Connection) {}

  async all() {
    const response = await this.connection.run('SELECT * FROM orders');
    return response;
  }
}

export async function listOrders(req, res) {
  const db = connection();
  try {
    await db.open();
    const orders = await new Orders(db).all();
    await db.commit();
    return res.json(orders);
  } catch (error) {
    await db.rollback();
    throw error;
  } finally {
    db.release();
  }
}
