const { DataTypes } = require('sequelize');
const { sequelize } = require('./index');

module.exports = sequelize.define('Order', { total: DataTypes.INTEGER });
