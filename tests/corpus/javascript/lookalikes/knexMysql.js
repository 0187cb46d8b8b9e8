const knex = require('knex')({ client: 'mysql2' });

exports.tx = async () => {
  const trx = await knex.transaction();  // site: correct library=other
  await trx('a').del();
  await trx.commit();
};
