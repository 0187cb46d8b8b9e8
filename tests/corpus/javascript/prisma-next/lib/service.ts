import { PrismaClient } from '@prisma/client';

export class UserService {
  private readonly prisma = new PrismaClient();  // site: correct library=prisma

  async onModuleDestroy() {
    await this.prisma.$disconnect();
  }

  list() {
    return this.prisma.user.findMany();
  }
}
