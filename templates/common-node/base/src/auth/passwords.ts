/** Passwords as accounts use them: judged, hashed, compared, and slow to guess. */

import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';

import { hash, hashSync, verify } from '@node-rs/argon2';

import { type Config, NAME, TITLE } from '../core/config.ts';
import { callerNetwork } from '../core/context.ts';
import type { UserRow } from '../core/db.ts';
import { event } from '../core/logging.ts';
import { fieldError, Problem } from '../core/problem.ts';
import { quotaExceeded } from '../core/ratelimit.ts';
import type { Store } from '../core/store.ts';
import { canonical, isBreached, PasswordPolicy } from './password-policy.ts';
import type { AccountRepository } from './repository.ts';
import { digest } from './tokens.ts';

/** Argon2id, as the OWASP cheat sheet has it. */
export const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Of libuv's four threads one stays free, for files and names. */
export const AT_ONCE = Math.min(availableParallelism(), 3);
const WAITING = 4 * AT_ONCE;

const FREE_ATTEMPTS = 5;
const LONGEST_WAIT = 15 * 60;
const FORGET_FAILURES = 24 * 3600;

/** Off the event loop, at most one a core; behind those a short queue, and then the caller is to come back. */
export class Hasher {
  readonly #waiting: (() => void)[] = [];
  readonly #dummy = hashSync(randomBytes(32), ARGON2);
  #running = 0;

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(canonical(password), ARGON2));
  }

  /** Without a hash, so without such an account, the same work is done in vain. */
  async verify(password: string, passwordHash: string | null): Promise<boolean> {
    const matches = await this.#inTurn(() => verify(passwordHash ?? this.#dummy, canonical(password)));
    return matches && passwordHash !== null;
  }

  isOutdated(passwordHash: string): boolean {
    const { memoryCost, timeCost, parallelism } = ARGON2;
    return !passwordHash.startsWith(`$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < AT_ONCE) {
      this.#running += 1;
    } else {
      if (this.#waiting.length >= WAITING) {
        throw new Problem(503, 'unavailable', { headers: { 'Retry-After': '1' } });
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

/**
 * Slows guessing at one account from one network; nobody else is locked out.
 *
 * The try is counted before the password is looked at, so that many at once gain nothing, and whether the account exists
 * makes no difference.
 */
class Backoff {
  readonly #store: Store;
  readonly #firstWait: number;

  constructor(store: Store, firstWait: number) {
    this.#store = store;
    this.#firstWait = firstWait;
  }

  /** Count one try, or throw 429. */
  async attempt(address: string): Promise<void> {
    const { failures, block } = keys(address);
    const blocked = await this.#store.ttl(block);
    if (blocked > 0) throw quotaExceeded('guess', blocked);
    const count = await this.#store.incr(failures, FORGET_FAILURES);
    // Without the shared store each process counts alone, so it allows fewer.
    const free = this.#store.degraded ? Math.floor(FREE_ATTEMPTS / 2) : FREE_ATTEMPTS;
    if (count < free) return;
    const wait = Math.min(this.#firstWait * 2 ** (count - free), LONGEST_WAIT);
    // More than one: a try at the same moment came first.
    if ((await this.#store.incr(block, wait)) > 1) throw quotaExceeded('guess', wait);
  }

  /** Forget the failures: the password was right. */
  async succeed(address: string): Promise<void> {
    const { failures, block } = keys(address);
    await this.#store.clear(failures, block);
  }
}

function keys(address: string): { failures: string; block: string } {
  // Hashed: addresses of users have no place in a shared store.
  const id = digest(`${address}\0${callerNetwork()}`);
  return { failures: `failures:${id}`, block: `block:${id}` };
}

export class Passwords {
  readonly #config: Config;
  readonly #policy: PasswordPolicy;
  readonly #hasher = new Hasher();
  readonly #backoff: Backoff;

  constructor(config: Config, store: Store) {
    this.#config = config;
    const hosts = [config.PUBLIC_URL, config.APP_URL].map((url) => new URL(url).hostname);
    this.#policy = new PasswordPolicy(config.PASSWORD_MIN_LENGTH, [NAME, TITLE, ...hosts]);
    this.#backoff = new Backoff(store, config.LOGIN_BACKOFF_SECONDS);
  }

  /** Throw the reason why a password cannot be used (P1, P3, P4). */
  async judge(password: string, owner: Pick<UserRow, 'email' | 'name'>, pointer = '/password'): Promise<void> {
    const lengthError = this.#policy.lengthError(password);
    if (lengthError !== undefined) throw fieldError(pointer, lengthError);
    const personal = [owner.email.replace(/@.*/, ''), owner.name ?? ''];
    const hashes = this.#config.PASSWORD_BREACH_CHECK;
    const breached = hashes !== 'off' && (await isBreached(password, hashes));
    const detail = breached ? 'This password is known from a breach.' : this.#policy.weakness(password, personal);
    if (detail !== undefined) throw new Problem(422, 'password-blocked', { detail, errors: [{ pointer, detail }] });
  }

  hash(password: string): Promise<string> {
    return this.#hasher.hash(password);
  }

  /**
   * Whether a password is this account's; without one the time is the same.
   *
   * A failure counts for address and network (L4) and for the account (L5).
   */
  async matches(
    accounts: AccountRepository,
    user: UserRow | undefined,
    email: string,
    password: string,
  ): Promise<boolean> {
    await this.#backoff.attempt(email);
    const right = await this.#hasher.verify(password, user?.password_hash ?? null);
    if (!user?.password_hash) return false;
    if (user.failed_logins >= this.#config.LOCKOUT_CEILING) {
      event('authn_login_lock', { level: 'warning', user_id: user.id });
      return false;
    }
    if (!right) {
      await accounts.countFailure(user.id);
      return false;
    }
    if (this.#hasher.isOutdated(user.password_hash)) {
      const fresh = await this.#hasher.hash(password);
      // A reset may have come in between: what it ended must not come back.
      if (await accounts.replacePassword(user, { password_hash: fresh })) user.password_hash = fresh;
    }
    await this.forgive(accounts, user);
    return true;
  }

  async forgive(accounts: AccountRepository, user: UserRow): Promise<void> {
    if (user.failed_logins > 0) await accounts.updateUser(user.id, { failed_logins: 0 });
    await this.#backoff.succeed(user.email);
  }
}
