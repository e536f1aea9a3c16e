/** The life of an account: registration, links in mails, passwords, addresses, its end. */

import { randomUUID } from 'node:crypto';

import type { Config } from '../core/config.ts';
import { type Database, type OneTimeTokenRow, type UserRow } from '../core/db.ts';
import { bindUser, event } from '../core/logging.ts';
import { Problem } from '../core/problem.ts';
import type { Store } from '../core/store.ts';
import { type Mailer, MailQuota } from './mail.ts';
import type { Passwords } from './passwords.ts';
import { invalidToken, type Principal } from './permissions.ts';
import { AccountRepository, type Purpose } from './repository.ts';
import * as s from './schemas.ts';
import { refused, type Sessions } from './sessions.ts';
import { digest, newSecret } from './tokens.ts';

export class Accounts {
  readonly #config: Config;
  readonly #accounts: AccountRepository;
  readonly #sessions: Sessions;
  readonly #passwords: Passwords;
  readonly #mailer: Mailer;
  readonly #mailQuota: MailQuota;

  constructor(config: Config, db: Database, store: Store, sessions: Sessions, passwords: Passwords, mailer: Mailer) {
    this.#config = config;
    this.#accounts = new AccountRepository(db.kysely);
    this.#sessions = sessions;
    this.#passwords = passwords;
    this.#mailer = mailer;
    this.#mailQuota = new MailQuota(store, config);
  }

  /** Nothing in answer or time shows whether the address is known: the hash comes first. */
  async register({ email, password, name }: s.Registration): Promise<void> {
    if (password !== null) await this.#passwords.judge(password, { email, name });
    const passwordHash = password === null ? null : await this.#passwords.hash(password);
    if (!(await this.#mailQuota.take(email))) return;
    const known = await this.#accounts.userByEmail(email);
    const user = known ?? newUser(email);
    if (known === undefined) {
      if (!(await this.#accounts.addUser({ ...user, name, password_hash: passwordHash }))) return;
      event('user_created', { user_id: user.id });
    } else {
      // Older links die before the password changes, so that none can confirm this one.
      await this.#accounts.deleteOneTimeTokens(user.id, 'verify');
      if (!(await this.#accounts.setPending(user.id, { password_hash: passwordHash, name }))) {
        this.#mailer.send('exists', email, user.name);
        return;
      }
    }
    await this.#sendLink('verify', { ...user, name });
  }

  async resend(body: s.AddressOnly): Promise<void> {
    const email = s.lookupForm(body.email);
    const allowed = await this.#mailQuota.take(email);
    const user = await this.#accounts.userByEmail(email);
    if (allowed && user?.verified_at === null) await this.#sendLink('verify', user);
  }

  /**
   * Open an account to whoever has both its mailbox and its pending password.
   *
   * A stranger may have registered the address first; their password must not come alive because the owner clicks the
   * link.
   */
  async verifyEmail({ token, password }: s.Verification): Promise<void> {
    const { link, user } = await this.#link(token, 'verify');
    let { password_hash: passwordHash } = user;
    if (passwordHash === null) {
      await this.#passwords.judge(password, user);
      passwordHash = await this.#passwords.hash(password);
    } else if (!(await this.#passwords.matches(this.#accounts, user, user.email, password))) {
      throw refused();
    }
    await this.#sessions.alone(user.id, async (accounts) => {
      if (!(await accounts.claim('one_time_tokens', link.token_hash))) throw refused();
      if (!(await accounts.verify(user, passwordHash))) throw refused();
    });
    event('user_updated', { description: 'verified' });
  }

  async forgotPassword(body: s.AddressOnly): Promise<void> {
    const email = s.lookupForm(body.email);
    const allowed = await this.#mailQuota.take(email);
    const user = await this.#accounts.userByEmail(email);
    if (!allowed || user === undefined || user.verified_at === null || user.disabled_at !== null) return;
    await this.#sendLink('reset', user);
  }

  /** Signs nobody in; a password that is refused does not use up the link. */
  async resetPassword(body: s.PasswordReset): Promise<void> {
    const { link, user } = await this.#link(body.token, 'reset');
    await this.#passwords.judge(body.new_password, user, '/new_password');
    const passwordHash = await this.#passwords.hash(body.new_password);
    await this.#sessions.alone(user.id, async (accounts) => {
      if (!(await accounts.claim('one_time_tokens', link.token_hash))) throw refused();
      await this.#passwords.forgive(accounts, user);
      await accounts.updateUser(user.id, { password_hash: passwordHash });
      await this.#passwordChanged(accounts, user);
      await this.#sessions.end(accounts, user.id);
    });
  }

  async me({ userId }: Principal): Promise<s.Me> {
    const { id, email, role, name, created_at } = await this.#user(userId);
    return { id, email, role, name, created_at };
  }

  async rename(principal: Principal, { name }: s.Rename): Promise<s.Me> {
    await this.#accounts.updateUser(principal.userId, { name });
    event('user_updated', { description: 'name' });
    return this.me(principal);
  }

  async changePassword({ userId, sessionId }: Principal, body: s.PasswordChange): Promise<void> {
    const user = await this.#user(userId);
    await this.#passwords.judge(body.new_password, user, '/new_password');
    if (!(await this.#passwords.matches(this.#accounts, user, user.email, body.current_password))) {
      throw wrongPassword();
    }
    const passwordHash = await this.#passwords.hash(body.new_password);
    await this.#sessions.alone(userId, async (accounts) => {
      // A reset may have come in between.
      if (!(await accounts.replacePassword(user, { password_hash: passwordHash }))) throw wrongPassword();
      await this.#passwordChanged(accounts, user);
      await this.#sessions.end(accounts, userId, { except: [sessionId] });
    });
  }

  async #passwordChanged(accounts: AccountRepository, user: UserRow): Promise<void> {
    await accounts.deleteOneTimeTokens(user.id, 'reset');
    this.#mailer.send('password-changed', user.email, user.name);
    event('authn_password_change');
  }

  /** The old address stays good, and hears of it, until the new one is confirmed. */
  async requestEmailChange({ userId }: Principal, { new_email: email }: s.AddressChange): Promise<void> {
    if (!(await this.#mailQuota.take(email))) return;
    const user = await this.#user(userId);
    const taken = await this.#accounts.userByEmail(email);
    if (taken !== undefined && taken.verified_at !== null) this.#mailer.send('exists', email, taken.name);
    else await this.#sendLink('confirm-address', user, email);
    this.#mailer.send('address-change', user.email, user.name);
  }

  async confirmEmailChange({ userId }: Principal, { token }: s.Confirmation): Promise<void> {
    const { link, user } = await this.#link(token, 'confirm-address');
    const { new_email: email } = link;
    if (user.id !== userId || email === null) throw refused();
    // 409 when the address has been taken meanwhile.
    await this.#sessions.alone(userId, async (accounts) => {
      if (!(await accounts.claim('one_time_tokens', link.token_hash))) throw refused();
      await accounts.deleteOneTimeTokens(userId, 'reset');
      await accounts.changeEmail(userId, email);
    });
    event('user_updated', { description: 'email' });
  }

  /** Everything the account owns goes with it. */
  async delete({ userId }: Principal): Promise<void> {
    await this.#sessions.alone(userId, async (accounts) => {
      await this.#sessions.end(accounts, userId);
      await accounts.deleteUser(userId);
    });
    event('user_deleted');
  }

  async #user(id: string): Promise<UserRow> {
    const user = await this.#accounts.user(id);
    if (user === undefined) throw invalidToken();
    return user;
  }

  /** Mail a fresh single-use link; older ones for the same purpose die. */
  async #sendLink(purpose: Purpose, user: UserRow, email = user.email): Promise<void> {
    const secret = newSecret();
    const lifetime = purpose === 'reset' ? this.#config.RESET_TTL : this.#config.VERIFY_TTL;
    await this.#accounts.deleteOneTimeTokens(user.id, purpose);
    await this.#accounts.addOneTimeToken({
      token_hash: digest(secret),
      user_id: user.id,
      purpose,
      new_email: purpose === 'confirm-address' ? email : null,
      expires_at: new Date(Date.now() + lifetime * 1000).toISOString(),
    });
    // In the fragment, which browsers send to nobody.
    this.#mailer.send(purpose, email, user.name, `${this.#config.APP_URL}/${purpose}#token=${secret}`);
  }

  async #link(token: string, purpose: Purpose): Promise<{ link: OneTimeTokenRow; user: UserRow }> {
    const link = await this.#accounts.oneTimeToken(digest(token), purpose);
    const user = link && (await this.#accounts.user(link.user_id));
    if (link === undefined || user === undefined) throw refused();
    bindUser(user.id);
    return { link, user };
  }
}

function wrongPassword(): Problem {
  event('authn_login_fail', { level: 'warning', description: 'current password' });
  return new Problem(403, 'invalid-credentials');
}

/** Not verified, so of nobody's yet. */
export function newUser(email: string): UserRow {
  return {
    id: randomUUID(),
    email,
    name: null,
    role: 'user',
    password_hash: null,
    verified_at: null,
    disabled_at: null,
    failed_logins: 0,
    created_at: new Date().toISOString(),
  };
}
