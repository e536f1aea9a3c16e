/** What the routes work with. */

// <% if .accounts %>
import { Authenticator } from './auth/permissions.ts';
// <% end %>
import type { Config } from './core/config.ts';
import { Cursors } from './core/cursor.ts';
import { type Database, openDatabase } from './core/db.ts';
import type { Life } from './core/envelope.ts';
import { openStore, type Store } from './core/store.ts';

export interface Parts {
  config: Config;
  life: Life;
  db: Database;
  store: Store;
  cursors: Cursors;
  // <% if .accounts %>
  authenticator: Authenticator;
  // <% end %>
}

export async function openParts(config: Config): Promise<Parts> {
  const db = await openDatabase(config.DATABASE_URL);
  return {
    config,
    life: { draining: false },
    db,
    store: await openStore(config.REDIS_URL),
    cursors: new Cursors(config.CURSOR_SECRET),
    // <% if .accounts %>
    authenticator: new Authenticator(config, db),
    // <% end %>
  };
}
