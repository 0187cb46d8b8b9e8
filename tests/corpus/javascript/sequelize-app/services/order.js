const { sequelize } = require('../models');
const { Sequelize } = require('sequelize');
const Order = require('../models/order');

async function managed(order) {
  return sequelize.transaction(async (t) => Order.create(order, { transaction: t }));  // site: correct library=sequelize
}

async function unmanaged(order) {
  const t = await sequelize.transaction();  // site: correct library=sequelize
  try {
    const created = await Order.create(order, { transaction: t });
    await t.commit();
    return created;
  } catch (error) {
    await t.rollback();
    throw error;
  }
}

async function withoutRollback(order) {
  const t = await sequelize.transaction();  // site: leak PGC102 library=sequelize category=on-error
  const created = await Order.create(order, { transaction: t });
  await t.commit();
  return created;
}

async function caughtWithoutRollback(order) {
  const t = await sequelize.transaction();  // site: leak PGC102 library=sequelize category=on-error
  try {
    await Order.create(order, { transaction: t });
    await t.commit();
  } catch (error) {
    console.error(error);
  }
}

async function withoutEnd(order) {
  const t = await sequelize.transaction();  // site: leak PGC101 library=sequelize category=never-released
  return Order.create(order, { transaction: t });
}

async function early(order, res) {
  const t = await sequelize.transaction();  // site: leak PGC103 library=sequelize category=early-exit
  try {
    const found = await Order.findOne({ where: { id: order.id }, transaction: t });
    if (!found) {
      return res.status(404).json({ message: 'Order not found' });
    }
    await found.destroy({ transaction: t });
    await t.commit();
    return res.sendStatus(204);
  } catch (error) {
    await t.rollback();
    return res.sendStatus(500);
  }
}

async function earlyRolledBack(order, res) {
  const t = await sequelize.transaction();  // site: correct library=sequelize
  try {
    const found = await Order.findOne({ where: { id: order.id }, transaction: t });
    if (!found) {
      await t.rollback();
      return res.status(404).json({ message: 'Order not found' });
    }
    await t.commit();
    return res.sendStatus(204);
  } catch (error) {
    await t.rollback();
    return res.sendStatus(500);
  }
}

async function letOutside(order) {
  let t;
  try {
    t = await sequelize.transaction();  // site: correct library=sequelize
    await Order.create(order, { transaction: t });
    await t.commit();
  } catch (error) {
    if (t) await t.rollback();
    throw error;
  }
}

async function isolated(order) {
  const t = await sequelize.transaction({ isolationLevel: Sequelize.Transaction.ISOLATION_LEVELS.SERIALIZABLE });  // site: correct library=sequelize
  try {
    await Order.create(order, { transaction: t });
    await t.commit();
  } catch (error) {
    if (!t.finished) await t.rollback();
    throw error;
  }
}

async function loop(orders) {
  for (const order of orders) {
    const t = await sequelize.transaction();  // site: leak PGC103 library=sequelize category=early-exit
    try {
      const [, created] = await Order.findOrCreate({ where: order, transaction: t });
      if (!created) continue;
      await t.commit();
    } catch (error) {
      await t.rollback();
    }
  }
}

function chained(order) {
  return sequelize.transaction().then((t) => {  // site: correct library=sequelize
    return Order.create(order, { transaction: t })
      .then(() => t.commit())
      .catch((error) => {
        return t.rollback().then(() => {
          throw error;
        });
      });
  });
}

function chainedLeaky(order) {
  return sequelize.transaction().then((t) => {  // site: leak PGC102 library=sequelize category=on-error
    return Order.create(order, { transaction: t }).then(() => t.commit());
  });
}

async function given(order, transaction) {
  const t = transaction || (await sequelize.transaction());  // site: correct library=sequelize
  try {
    await Order.create(order, { transaction: t });
    if (!transaction) await t.commit();
  } catch (error) {
    if (!transaction) await t.rollback();
    throw error;
  }
}

async function begin() {
  return sequelize.transaction();  // site: correct library=sequelize
}

async function begun(order) {
  const t = await begin();  // site: leak PGC102 library=sequelize category=on-error
  await Order.create(order, { transaction: t });
  await t.commit();
}

async function begunWell(order) {
  const t = await begin();  // site: correct library=sequelize
  try {
    await Order.create(order, { transaction: t });
    await t.commit();
  } catch (e) {
    await t.rollback();
    throw e;
  }
}

async function manager() {
  const connection = await sequelize.connectionManager.getConnection({ type: 'read' });  // site: leak PGC102 library=sequelize category=on-error
  await connection.query('SELECT 1');
  sequelize.connectionManager.releaseConnection(connection);
}

async function managerWell() {
  const connection = await sequelize.connectionManager.getConnection({ type: 'read' });  // site: correct library=sequelize
  try {
    await connection.query('SELECT 1');
  } finally {
    sequelize.connectionManager.releaseConnection(connection);
  }
}

module.exports = {
  managed, unmanaged, withoutRollback, caughtWithoutRollback, withoutEnd, early, earlyRolledBack, letOutside,
  isolated, loop, chained, chainedLeaky, given, begun, begunWell, manager, managerWell,
};
