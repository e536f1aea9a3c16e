import { main } from './core/commands.ts';
import { createService } from './service.ts';

await main(process.argv.slice(2), createService);
