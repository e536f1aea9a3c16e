import { createService } from './app.ts';
import { main } from './core/commands.ts';

await main(process.argv.slice(2), createService);
