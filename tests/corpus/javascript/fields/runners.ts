import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, QueryRunner } from 'typeorm';
import { Pool, PoolClient } from 'pg';

const pool = new Pool();
let current: PoolClient | undefined;
let listener: PoolClient | undefined;

@Injectable()
export class OrderService {
  private queryRunner: QueryRunner;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async leaky(order: object) {
    this.queryRunner = this.dataSource.createQueryRunner();  // site: leak PGC101 library=typeorm category=never-released
    await this.queryRunner.connect();
    await this.queryRunner.startTransaction();
    try {
      await this.queryRunner.manager.save(order);
      await this.queryRunner.commitTransaction();
    } catch (error) {
      await this.queryRunner.rollbackTransaction();
      throw error;
    }
  }

  async early(order?: object) {
    this.queryRunner = this.dataSource.createQueryRunner();  // site: leak PGC103 library=typeorm category=early-exit
    await this.queryRunner.connect();
    if (!order) return null;
    try {
      return await this.queryRunner.manager.save(order);
    } finally {
      await this.queryRunner.release();
    }
  }

  async correct(order: object) {
    this.queryRunner = this.dataSource.createQueryRunner();  // site: correct library=typeorm
    await this.queryRunner.connect();
    try {
      return await this.queryRunner.manager.save(order);
    } finally {
      await this.queryRunner.release();
    }
  }
}

export class UnitOfWork {
  private runner: QueryRunner;

  constructor(private readonly dataSource: DataSource) {}

  async begin() {
    this.runner = this.dataSource.createQueryRunner();  // site: correct library=typeorm
    await this.runner.connect();
    await this.runner.startTransaction();
  }

  async commit() {
    await this.runner.commitTransaction();
  }

  async end() {
    await this.runner.release();
  }
}

export class Sequencer {
  private connection?: PoolClient;

  async start() {
    this.connection = await pool.connect();  // site: correct library=pg
    await this.connection.query('LISTEN labels');
  }

  async stop() {
    if (this.connection) {
      this.connection.release();
      this.connection = undefined;
    }
  }
}

export function shared() {
  return pool  // site: leak PGC102 library=pg category=on-error
    .connect()
    .then((client) => {
      current = client;
      return current.query('SELECT 1');
    })
    .then((result) => {
      current!.release();
      return result;
    });
}

export async function listen() {
  listener = await pool.connect();  // site: correct library=pg
  await listener.query('LISTEN orders');
}

export function stopListening() {
  listener?.release();
}
