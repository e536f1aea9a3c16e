/** Accounts from the command line: nobody is an administrator until this made one. */

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

import type { Config } from '../core/config.ts';
import { openDatabase, type Role } from '../core/db.ts';
import { Problem } from '../core/problem.ts';
import { Store } from '../core/store.ts';
import { newUser } from './accounts.ts';
import { Passwords } from './passwords.ts';
import { Authenticator } from './permissions.ts';
import { normalForm } from './schemas.ts';
import { Sessions } from './sessions.ts';
import { AccessTokens } from './tokens.ts';

/** Make an administrator, or one of an existing user; the password comes from stdin. */
export async function createAdmin(config: Config, email: string): Promise<void> {
  const address = normalForm(email);
  if (address === undefined) return fail(`${JSON.stringify(email)} is not an e-mail address`);
  try {
    await saveUser(config, { email: address, password: await askPassword(), role: 'admin' });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return fail(`the password: ${error.options.errors?.[0]?.detail ?? error.slug}`);
  }
  process.stdout.write(`${address} is an administrator.\n`);
}

function fail(reason: string): void {
  process.stderr.write(`create-admin: ${reason}\n`);
  process.exitCode = 1;
}

/** One line; a terminal does not show it. */
async function askPassword(): Promise<string> {
  const terminal = process.stdin.isTTY;
  if (terminal) process.stderr.write('Password: ');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal });
  for await (const line of lines) {
    if (terminal) process.stderr.write('\n');
    return line;
  }
  return '';
}

/** Make or overwrite a verified account; an access token for it. */
export async function saveUser(
  config: Config,
  { email, password, role }: { email: string; password: string; role: Role },
): Promise<string> {
  const db = await openDatabase(config.DATABASE_URL);
  try {
    const tokens = new AccessTokens(config);
    const passwords = new Passwords(config, new Store());
    const sessions = new Sessions(config, db, tokens, new Authenticator(config, db, tokens), passwords);
    await passwords.judge(password, { email, name: null });
    const values = { role, verified_at: new Date().toISOString(), password_hash: await passwords.hash(password) };
    const { answer } = await sessions.alone(email, async (accounts) => {
      await accounts.addUser(newUser(email));
      const user = await accounts.userByEmail(email);
      if (user === undefined) throw new Error('the account has just been deleted');
      await accounts.updateUser(user.id, values);
      await sessions.end(accounts, user.id);
      return sessions.start(accounts, { ...user, ...values });
    });
    return answer.access_token;
  } finally {
    await db.close();
  }
}
