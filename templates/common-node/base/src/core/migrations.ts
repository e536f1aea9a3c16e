/** Brings the database to the tables this code expects. Safe when several replicas start at once. */

import { type Migration, Migrator } from 'kysely/migration';

import type { Config } from './config.ts';
import { openDatabase } from './db.ts';
// <% if .accounts %>
import * as accounts from './migrations/accounts.ts';
// <% end %>
// <% if .idempotency %>
import * as idempotency from './migrations/idempotency.ts';
// <% end %>
// <% if not .remote_items %>
import * as items from './migrations/items.ts';
// <% end %>
// <% if .native %>
import * as native from './migrations/native.ts';
// <% end %>

/** Applied in the order of their names, later ones that came late too; one that has run anywhere is never changed. */
const MIGRATIONS: Record<string, Migration> = {
  // <% if .accounts %>
  '0001-accounts': accounts,
  // <% end %>
  // <% if not .remote_items %>
  '0002-items': items,
  // <% end %>
  // <% if .idempotency %>
  '0003-idempotency': idempotency,
  // <% end %>
  // <% if .native %>
  '0004-native': native,
  // <% end %>
};

export async function migrate(config: Config): Promise<void> {
  // A table may take its time to change.
  const database = await openDatabase(config.DATABASE_URL, { limit: 0 });
  try {
    const provider = { getMigrations: async () => MIGRATIONS };
    const { error } = await new Migrator({
      db: database.kysely,
      provider,
      allowUnorderedMigrations: true,
    }).migrateToLatest();
    if (error !== undefined) throw error;
  } finally {
    await database.close();
  }
}
