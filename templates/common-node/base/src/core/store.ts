/** Counters with an end, shared by all replicas where Redis is configured. */

import { event } from './logging.ts';

const TIMEOUT_MILLISECONDS = 500;
const PAUSE_MILLISECONDS = 1000;
const SWEEP_EVERY = 1000;

export interface Count {
  count: number;
  /** Seconds until the count is gone. */
  reset: number;
}

interface Counters {
  hit(key: string, ttl: number): Promise<Count>;
  ttl(key: string): Promise<number>;
  clear(keys: string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** For one process; expired entries are swept every thousand writes. */
class MemoryCounters implements Counters {
  readonly #entries = new Map<string, { count: number; end: number }>();
  #writes = 0;

  async hit(key: string, ttl: number): Promise<Count> {
    const now = Math.floor(performance.now()); // a fraction could announce a second more than the window has
    let entry = this.#entries.get(key);
    if (entry === undefined || entry.end <= now) {
      entry = { count: 0, end: now + ttl * 1000 };
      this.#entries.set(key, entry);
    }
    entry.count += 1;
    this.#writes += 1;
    if (this.#writes % SWEEP_EVERY === 0) {
      for (const [name, { end }] of this.#entries) if (end <= now) this.#entries.delete(name);
    }
    return { count: entry.count, reset: seconds(entry.end - now) };
  }

  async ttl(key: string): Promise<number> {
    return seconds((this.#entries.get(key)?.end ?? 0) - performance.now());
  }

  async clear(keys: string[]): Promise<void> {
    for (const key of keys) this.#entries.delete(key);
  }

  async close(): Promise<void> {
    this.#entries.clear();
  }
}

class TimeoutError extends Error {}

/** For all replicas; one round trip a call. The driver is loaded only where it is used. */
async function redisCounters(url: string): Promise<Counters> {
  const { createClient } = await import('redis');
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: TIMEOUT_MILLISECONDS, reconnectStrategy: PAUSE_MILLISECONDS },
  });
  // Each call reports its own failure; without a listener the first one would end the process.
  client.on('error', () => {});
  void client.connect().catch(() => {});
  return {
    async hit(key, ttl) {
      const start = client.multi().set(key, 0, { expiration: { type: 'EX', value: ttl }, condition: 'NX' });
      const [, count, left] = await start.incr(key).pTTL(key).exec();
      return { count: Number(count), reset: seconds(Number(left)) };
    },
    ttl: async (key) => seconds(await client.pTTL(key)),
    clear: (keys) => client.del(keys),
    close: async () => client.destroy(),
  };
}

/**
 * The shared counters, or this process's own while those are away.
 *
 * `degraded` tells limiters that the counts are local: general limits open, limits on guessing get stricter.
 */
export class Store {
  readonly #local = new MemoryCounters();
  readonly #shared: Counters | undefined;
  #retryAt = 0;

  constructor(shared?: Counters) {
    this.#shared = shared;
  }

  get degraded(): boolean {
    return this.#shared !== undefined && performance.now() < this.#retryAt;
  }

  /** Count one more; it is gone `ttl` seconds after the first. */
  hit(key: string, ttl: number): Promise<Count> {
    return this.#ask((counters) => counters.hit(key, ttl));
  }

  /** Like `hit`; the count alone. */
  async incr(key: string, ttl: number): Promise<number> {
    return (await this.hit(key, ttl)).count;
  }

  /** Seconds until the count is gone, 0 when there is none. */
  ttl(key: string): Promise<number> {
    return this.#ask((counters) => counters.ttl(key));
  }

  async clear(...keys: string[]): Promise<void> {
    await this.#ask((counters) => counters.clear(keys));
  }

  async close(): Promise<void> {
    await this.#shared?.close();
  }

  #ask<T>(call: (counters: Counters) => Promise<T>): Promise<T> {
    if (this.#shared === undefined || this.degraded) return call(this.#local);
    return inTime(call(this.#shared)).catch((error: unknown) => {
      this.#retryAt = performance.now() + PAUSE_MILLISECONDS;
      const description = error instanceof Error ? error.constructor.name : 'unknown';
      event('sys_store_unavailable', { level: 'warning', description });
      return call(this.#local);
    });
  }
}

export async function openStore(redisUrl: string): Promise<Store> {
  return new Store(redisUrl ? await redisCounters(redisUrl) : undefined);
}

/** An answer that does not come is no answer: the driver bounds only the time until a call is sent. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeoutError()), TIMEOUT_MILLISECONDS);
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}

function seconds(milliseconds: number): number {
  return Math.max(0, Math.ceil(milliseconds / 1000));
}
