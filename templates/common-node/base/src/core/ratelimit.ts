/** Limits on calls: so many in a window, for each policy and caller. */

import type { Config, Quota } from './config.ts';
import type { RequestContext } from './context.ts';
import { event } from './logging.ts';
import { Problem } from './problem.ts';
import type { Store } from './store.ts';

interface Policy {
  name: string;
  quota: Quota;
  /** Guessing is what it limits: without the shared store it gets stricter, never open. */
  strict: boolean;
  counts: (context: RequestContext) => boolean;
}

export type RateFields = Readonly<Record<'RateLimit' | 'RateLimit-Policy', string>>;

// <% if .accounts %>
/** These take 256-bit secrets: there is nothing to guess. */
const UNGUESSABLE = new Set(['/v1/auth/refresh', '/v1/auth/logout']);

// <% end %>
export function quotaExceeded(policy: string, retryAfter: number, fields?: RateFields): Problem {
  event('excess_rate_limit_exceeded', { level: 'warning', description: policy });
  return new Problem(429, 'quota-exceeded', {
    headers: { 'Retry-After': String(retryAfter), ...fields },
    extra: { 'violated-policies': [policy] },
  });
}

/** Fixed windows, counted in the store. */
export class RateLimiter {
  readonly #store: Store;
  readonly #policies: Policy[];

  constructor(store: Store, config: Config) {
    this.#store = store;
    this.#policies = [
      // Strict ones count addresses, the others users where there is one.
      { name: 'default', quota: config.RATE_DEFAULT, strict: false, counts: () => true },
      // <% if .accounts %>
      { name: 'auth-ip', quota: config.RATE_AUTH_IP, strict: true, counts: isGuessable },
      // <% end %>
    ];
  }

  /** Count one call; the fields to answer with, or 429. */
  async check(context: RequestContext): Promise<RateFields> {
    const policies = this.#policies.filter(({ counts }) => counts(context));
    const usages = await Promise.all(policies.map((policy) => this.#count(policy, context)));
    const fields = {
      RateLimit: usages.map(({ name, remaining, reset }) => `"${name}";r=${remaining};t=${reset}`).join(', '),
      'RateLimit-Policy': usages.map(({ name, quota }) => `"${name}";q=${quota.limit};w=${quota.window}`).join(', '),
    };
    const exceeded = usages.find((usage) => usage.exceeded);
    if (exceeded !== undefined) throw quotaExceeded(exceeded.name, exceeded.reset, fields);
    return fields;
  }

  async #count({ name, quota, strict }: Policy, context: RequestContext) {
    const key = strict ? context.network : context.userKey;
    let { count, reset } = await this.#store.hit(`rate:${name}:${key}`, quota.window);
    let { limit } = quota;
    if (this.#store.degraded) {
      limit = Math.ceil(limit / 2);
      if (!strict) count = 0;
    }
    return { name, quota, reset, remaining: Math.max(0, limit - count), exceeded: count > limit };
  }
}
// <% if .accounts %>

function isGuessable({ method, path }: RequestContext): boolean {
  return method === 'POST' && path.startsWith('/v1/auth/') && !UNGUESSABLE.has(path);
}
// <% end %>
