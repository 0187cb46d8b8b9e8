import { Controller, Get, Param } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { Order } from './order.entity';

@Controller('orders')
export class OrdersController {
  @Get('report')
  async report() {
    const reporting = new DataSource({ type: 'postgres', url: process.env.REPORT_URL });  // site: leak PGC108 library=typeorm category=pool-per-call
    await reporting.initialize();
    return reporting.query('SELECT * FROM report');
  }

  @Get(':id')
  async one(@Param('id') id: number) {
    const runner = new DataSourceHolder().source.createQueryRunner();  // site: leak PGC102 library=typeorm category=on-error
    await runner.connect();
    const row = await runner.manager.findOneBy(Order, { id });
    await runner.release();
    return row;
  }
}

class DataSourceHolder {
  constructor(public readonly source: DataSource = undefined as never) {}
}
