/** What the routes work with. */

// <% if .accounts %>
import { Accounts } from './auth/accounts.ts';
import { Mailer } from './auth/mail.ts';
import { Passwords } from './auth/passwords.ts';
import { Authenticator } from './auth/permissions.ts';
import { Sessions } from './auth/sessions.ts';
import { AccessTokens } from './auth/tokens.ts';
// <% end %>
import type { Config } from './core/config.ts';
import { Cursors } from './core/cursor.ts';
import { openDatabase } from './core/db.ts';
import { openStore } from './core/store.ts';

export type Parts = Awaited<ReturnType<typeof openParts>>;

export async function openParts(config: Config) {
  const db = await openDatabase(config.DATABASE_URL);
  const store = await openStore(config.REDIS_URL);
  // <% if .accounts %>
  const tokens = new AccessTokens(config);
  const authenticator = new Authenticator(config, db, tokens);
  const passwords = new Passwords(config, store);
  const sessions = new Sessions(config, db, tokens, authenticator, passwords);
  const mailer = new Mailer(config);
  const accounts = new Accounts(config, db, store, sessions, passwords, mailer);
  // <% end %>
  return {
    config,
    life: { draining: false },
    db,
    store,
    cursors: new Cursors(config.CURSOR_SECRET),
    // <% if .accounts %>
    accounts,
    authenticator,
    sessions,
    tokens,
    // <% end %>
    close: async (): Promise<void> => {
      // <% if .accounts %>
      await mailer.close();
      // <% end %>
      await store.close();
      await db.close();
    },
  };
}
