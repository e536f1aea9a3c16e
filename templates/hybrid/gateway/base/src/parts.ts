/** What the routes work with. */

import { AccessTokens } from './auth/tokens.ts';
import { Authenticator } from './auth/permissions.ts';
import { Mailer } from './auth/mail.ts';
import { Passwords } from './auth/passwords.ts';
import { Sessions } from './auth/sessions.ts';
import type { Config } from './core/config.ts';
import { openDatabase } from './core/db.ts';
import { openStore } from './core/store.ts';
import { AccountsOfBoth } from './items/accounts.ts';
import { ItemService } from './items/service.ts';

export type Parts = Awaited<ReturnType<typeof openParts>>;

export async function openParts(config: Config) {
  const service = new ItemService(config);
  const db = await openDatabase(config.DATABASE_URL);
  const store = await openStore(config.REDIS_URL);
  const tokens = new AccessTokens(config);
  const authenticator = new Authenticator(config, db, tokens);
  const passwords = new Passwords(config, store);
  const sessions = new Sessions(config, db, tokens, authenticator, passwords);
  const mailer = new Mailer(config);
  const accounts = new AccountsOfBoth(service, config, db, store, sessions, passwords, mailer);
  return {
    config,
    life: { draining: false },
    db,
    store,
    accounts,
    authenticator,
    service,
    sessions,
    tokens,
    close: async (): Promise<void> => {
      await mailer.close();
      await store.close();
      await db.close();
    },
  };
}
