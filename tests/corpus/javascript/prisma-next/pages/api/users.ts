import { PrismaClient } from '@prisma/client';
import type { NextApiRequest, NextApiResponse } from 'next';

import { prisma } from '../../lib/prisma';

export default async function handler(req: NextApiRequest, res: NextApiResponse) {
  if (req.method === 'POST') {
    const own = new PrismaClient();  // site: leak PGC108 library=prisma category=pool-per-call
    return res.json(await own.user.create({ data: req.body }));
  }
  res.json(await prisma.user.findMany());
}
