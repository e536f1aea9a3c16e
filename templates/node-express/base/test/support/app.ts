export { createService } from '../../src/service.ts';
