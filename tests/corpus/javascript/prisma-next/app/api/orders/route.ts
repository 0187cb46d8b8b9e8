import { PrismaClient } from '@prisma/client';
import { PrismaPg } from '@prisma/adapter-pg';

export async function GET() {
  const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL });  // site: leak PGC108 library=prisma category=pool-per-call
  const prisma = new PrismaClient({ adapter });
  return Response.json(await prisma.order.findMany());
}
