import mysql from 'mysql2/promise';
import amqp from 'amqplib';
import { MongoClient } from 'mongodb';
import { createClient } from 'redis';

class Pool {
  async connect() {
    return { query: (text: string) => text, release() {} };
  }
}

const pool = new Pool();

export async function own() {
  const client = await pool.connect();  // site: correct library=other
  return client.query('SELECT 1');
}

export async function mysqlOne() {
  const connection = await mysql.createConnection('mysql://db');  // site: correct library=other
  const [rows] = await connection.query('SELECT 1');
  return rows;
}

export async function mysqlPool() {
  const connection = await mysql.createPool('mysql://db').getConnection();  // site: correct library=other
  return connection.query('SELECT 1');
}

export async function mongo() {
  const client = new MongoClient('mongodb://db');
  await client.connect();  // site: correct library=other
  return client.db('x').collection('y').findOne({});
}

export async function redis() {
  const client = createClient();
  await client.connect();  // site: correct library=other
  return client.get('x');
}

export async function rabbit() {
  const connection = await amqp.connect('amqp://mq');  // site: correct library=other
  return connection.createChannel();
}

export async function params(pool: { acquire(): Promise<any> }) {
  const worker = await pool.acquire();  // site: correct library=other
  return worker.run();
}
