import postgres from 'postgres';

export async function GET(request: Request) {
  const own = postgres(process.env.DATABASE_URL!);  // site: leak PGC108 library=postgres category=pool-per-call
  return Response.json(await own`SELECT 1`);
}
