import { PrismaClient } from '@prisma/client';
import type { NextApiRequest, NextApiResponse } from 'next';

export default async function handler(req: NextApiRequest, res: NextApiResponse) {
  const prisma = new PrismaClient();  // site: leak PGC108 library=prisma category=pool-per-call
  try {
    res.json(await prisma.pet.findMany());
  } finally {
    await prisma.$disconnect();
  }
}
