import express from 'express';
import { pool } from './db';
import { inTransaction } from './transaction';

const app = express();
app.use(express.json());

app.post('/orders', async (request, response, next) => {
  try {
    const id = await inTransaction(async (client) => {
      const order = await client.query('INSERT INTO orders (customer) VALUES ($1) RETURNING id', [
        request.body.customer,
      ]);
      for (const item of request.body.items) {
        await client.query('INSERT INTO order_items (order_id, sku, quantity) VALUES ($1, $2, $3)', [
          order.rows[0].id,
          item.sku,
          item.quantity,
        ]);
      }
      return order.rows[0].id;
    });
    response.status(201).json({ id });
  } catch (error) {
    next(error);
  }
});

app.get('/orders/:id', async (request, response, next) => {
  try {
    const found = await pool.query('SELECT * FROM orders WHERE id = $1', [request.params.id]);
    if (found.rowCount === 0) {
      response.sendStatus(404);
      return;
    }
    response.json(found.rows[0]);
  } catch (error) {
    next(error);
  }
});

app.listen(8080);
