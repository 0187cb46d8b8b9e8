const { Sequelize } = require('sequelize');

const sequelize = new Sequelize(process.env.DATABASE_URL, { dialect: 'postgres', pool: { max: 10 } });  // site: correct library=sequelize

module.exports = { sequelize, Sequelize };
