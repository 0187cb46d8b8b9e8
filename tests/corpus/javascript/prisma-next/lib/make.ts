import { PrismaClient } from '@prisma/client';

export function makeClient() {
  return new PrismaClient({ log: ['error'] });  // site: correct library=prisma
}
