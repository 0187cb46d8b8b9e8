import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager, QueryRunner } from 'typeorm';

import { AppDataSource } from './data-source';
import { Order } from './order.entity';

@Injectable()
export class OrdersService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async create(order: Partial<Order>) {
    const queryRunner = this.dataSource.createQueryRunner();  // site: correct library=typeorm
    await queryRunner.connect();
    await queryRunner.startTransaction();
    try {
      const saved = await queryRunner.manager.save(Order, order);
      await queryRunner.commitTransaction();
      return saved;
    } catch (err) {
      await queryRunner.rollbackTransaction();
      throw err;
    } finally {
      await queryRunner.release();
    }
  }

  async createWithoutRelease(order: Partial<Order>) {
    const queryRunner = this.dataSource.createQueryRunner();  // site: leak PGC101 library=typeorm category=never-released
    await queryRunner.connect();
    await queryRunner.startTransaction();
    try {
      await queryRunner.manager.save(Order, order);
      await queryRunner.commitTransaction();
    } catch (err) {
      await queryRunner.rollbackTransaction();
      throw err;
    }
  }

  async createReleaseInTry(order: Partial<Order>) {
    const queryRunner = this.dataSource.createQueryRunner();  // site: leak PGC102 library=typeorm category=on-error
    await queryRunner.connect();
    await queryRunner.startTransaction();
    try {
      await queryRunner.manager.save(Order, order);
      await queryRunner.commitTransaction();
      await queryRunner.release();
    } catch (err) {
      await queryRunner.rollbackTransaction();
      throw err;
    }
  }

  async cancel(id: number) {
    const queryRunner = this.dataSource.createQueryRunner();  // site: leak PGC102 library=typeorm category=on-error
    await queryRunner.connect();
    const order = await queryRunner.manager.findOneBy(Order, { id });
    if (!order) throw new NotFoundException();
    await queryRunner.manager.remove(order);
    await queryRunner.release();
  }

  async pay(id: number) {
    const queryRunner = this.dataSource.createQueryRunner();  // site: leak PGC103 library=typeorm category=early-exit
    await queryRunner.connect();
    try {
      const order = await queryRunner.manager.findOneBy(Order, { id });
      if (!order) {
        return null;
      }
      await queryRunner.release();
      return order;
    } catch (e) {
      await queryRunner.release();
      throw e;
    }
  }

  async managed(id: number) {
    return this.dataSource.transaction(async (manager: EntityManager) => {  // site: correct library=typeorm
      return manager.findOneBy(Order, { id });
    });
  }

  async raw() {
    const runner = AppDataSource.createQueryRunner();  // site: correct library=typeorm
    try {
      return await runner.query('SELECT 1');
    } finally {
      await runner.release();
    }
  }

  async rawNever() {
    const runner = AppDataSource.createQueryRunner();  // site: leak PGC101 library=typeorm category=never-released
    return runner.query('SELECT 1');
  }

  async rawTwice() {
    const runner = AppDataSource.createQueryRunner();  // site: correct library=typeorm
    try {
      await runner.query('SELECT 1');
      await runner.release();
    } finally {
      await runner.release();
    }
  }

  async rawAfter() {
    const runner = AppDataSource.createQueryRunner();  // site: leak PGC106 library=typeorm category=used-after-release
    await runner.connect();
    await runner.release();
    return runner.query('SELECT 1');
  }

  async unused() {
    const runner = AppDataSource.createQueryRunner();  // site: correct library=typeorm
    return runner.connection.name;
  }

  async guarded() {
    const runner = AppDataSource.createQueryRunner();  // site: correct library=typeorm
    try {
      await runner.connect();
      await runner.startTransaction();
      await runner.commitTransaction();
    } catch (e) {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      throw e;
    } finally {
      if (!runner.isReleased) await runner.release();
    }
  }

  async helper(work: (runner: QueryRunner) => Promise<void>) {
    const runner = this.dataSource.createQueryRunner();  // site: correct library=typeorm
    await runner.connect();
    try {
      await work(runner);
    } finally {
      await runner.release();
    }
  }

  async repository(id: number) {
    return this.dataSource.getRepository(Order).findOneBy({ id });  // site: correct library=typeorm
  }

  async perCall() {
    const other = new DataSource({ type: 'postgres', url: process.env.OTHER_URL });
    await other.initialize();
    try {
      return await other.query('SELECT 1');
    } finally {
      await other.destroy();
    }
  }
}
