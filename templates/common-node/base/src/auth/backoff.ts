/** Limits on what can be guessed, and on mail that others ask for. */

import { type Config, isProduction } from '../core/config.ts';
import { currentOrNone } from '../core/context.ts';
import { quotaExceeded } from '../core/ratelimit.ts';
import type { Store } from '../core/store.ts';
import { digest } from './tokens.ts';

const FREE_ATTEMPTS = 5;
const LONGEST_WAIT = 15 * 60;
const FORGET_FAILURES = 24 * 3600;
const HOUR = 3600;
const MAIL_PER_NETWORK = 20;

/**
 * Slows guessing at one account from one network; nobody else is locked out.
 *
 * The try is counted before the password is looked at, so that many at once gain nothing, and whether the account exists
 * makes no difference.
 */
export class Backoff {
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

/** Of the request in hand; the command line is one of its own. */
function callerNetwork(): string {
  return currentOrNone()?.network ?? 'command line';
}

export class MailQuota {
  readonly #store: Store;
  readonly #config: Config;

  constructor(store: Store, config: Config) {
    this.#store = store;
    this.#config = config;
  }

  /** Count one mail to come, whether or not the address has an account; whether it may go. */
  async take(address: string): Promise<boolean> {
    const toAddress = await this.#store.incr(`mail:to:${digest(address)}`, HOUR);
    const fromNetwork = await this.#store.incr(`mail:from:${callerNetwork()}`, HOUR);
    const allowed = toAddress <= this.#config.MAIL_PER_ADDRESS && fromNetwork <= MAIL_PER_NETWORK;
    return allowed || !isProduction(this.#config);
  }
}
