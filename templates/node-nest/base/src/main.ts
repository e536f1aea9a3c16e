import { createService } from './bootstrap.ts';
import { main } from './core/commands.ts';

await main(process.argv.slice(2), createService);
