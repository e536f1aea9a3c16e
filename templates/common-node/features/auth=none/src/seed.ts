/** Sample data for development. */

import type { Config } from './core/config.ts';
import { openDatabase } from './core/db.ts';
import { ItemRepository } from './items/repository.ts';

export async function seed(config: Config): Promise<void> {
  const db = await openDatabase(config.DATABASE_URL);
  const items = new ItemRepository(db);
  for (const title of ['First', 'Second', 'Third']) {
    // oxlint-disable-next-line no-await-in-loop -- One after the other, so that they have an order.
    await items.create({ title, body: '' }, config.MAX_ITEMS);
  }
  await db.close();
  process.stdout.write(`curl ${config.PUBLIC_URL}/v1/items\n`);
}
