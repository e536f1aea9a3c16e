/** Argon2id with the parameters of the OWASP cheat sheet, off the event loop and never too many at once. */

import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';

import { hash, hashSync, verify } from '@node-rs/argon2';

import { Problem } from '../core/problem.ts';
import { canonical } from './password-policy.ts';

const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$';
const WAITING_PER_CORE = 4;

/** At most one a core; behind those a short queue, and then the caller is to come back. */
export class Hasher {
  readonly #atOnce = availableParallelism();
  readonly #waiting: (() => void)[] = [];
  readonly #dummy = hashSync(randomBytes(32), PARAMETERS);
  #running = 0;

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(canonical(password), PARAMETERS));
  }

  /** Without a hash, so without such an account, the same work is done in vain. */
  async verify(password: string, passwordHash: string | null): Promise<boolean> {
    const matches = await this.#inTurn(() => verify(passwordHash ?? this.#dummy, canonical(password)));
    return matches && passwordHash !== null;
  }

  isOutdated(passwordHash: string): boolean {
    return !passwordHash.startsWith(CURRENT);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) {
      this.#running += 1;
    } else {
      if (this.#waiting.length >= this.#atOnce * WAITING_PER_CORE) {
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
