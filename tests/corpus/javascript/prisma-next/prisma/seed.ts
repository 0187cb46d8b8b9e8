import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();  // site: correct library=prisma

async function main() {
  await prisma.user.create({ data: { name: 'x' } });
}

main()
  .catch((e) => {
    console.error(e);
    process.exit(1);
  })
  .finally(() => prisma.$disconnect());
