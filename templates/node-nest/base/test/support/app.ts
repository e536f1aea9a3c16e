export { createService } from '../../src/bootstrap.ts';
