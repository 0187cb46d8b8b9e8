export * from './db';
export { checkout as open } from './db';
