import { Sequelize } from 'sequelize';

const sequelize = new Sequelize('mysql://app@db/app');

export async function leaky() {
  const t = await sequelize.transaction();  // site: correct library=other
  await sequelize.query('DELETE FROM a', { transaction: t });
  await t.commit();
}
