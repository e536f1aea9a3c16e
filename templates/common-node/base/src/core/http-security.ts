/** What browsers must be told, and what they must not be allowed to do. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Config } from './config.ts';
import { event } from './logging.ts';
import { Problem } from './problem.ts';

const API_CSP =
  "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'";
const SECURITY_HEADERS = Object.entries({
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'geolocation=(), camera=(), microphone=()',
  'Cache-Control': 'no-store',
  Vary: 'Origin',
});
const HSTS = 'max-age=63072000; includeSubDomains';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const ALLOW_HEADERS = 'authorization, content-type, idempotency-key, x-request-id, traceparent, tracestate, baggage';
const EXPOSE_HEADERS = 'location, retry-after, ratelimit, ratelimit-policy, x-request-id, idempotent-replayed';
const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

export function setSecurityHeaders(res: ServerResponse, path: string, https: boolean): void {
  res.setHeader('Content-Security-Policy', path.startsWith('/docs') ? DOCS_CSP : API_CSP);
  for (const [name, value] of SECURITY_HEADERS) res.setHeader(name, value);
  if (https) res.setHeader('Strict-Transport-Security', HSTS);
}

/** Answers only to its own names; a Host header decides nothing else. */
export class Hosts {
  readonly #allowed: ReadonlySet<string>;

  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed.map((host) => host.toLowerCase()));
  }

  /** One Host field, and a known one; probes may use an address. */
  check(req: IncomingMessage, probe: boolean): void {
    const host = req.headers.host?.toLowerCase() ?? '';
    const known = this.#allowed.has(host) || this.#allowed.has(host.replace(/:\d*$/, ''));
    if (host === '' || host.includes(',') || !(probe || known)) {
      throw new Problem(400, 'invalid-host', { headers: { Connection: 'close' } });
    }
  }
}

/** Cross-origin reads and writes, by exact origin. */
export class Cors {
  readonly #origins: ReadonlySet<string>;
  readonly #own: string;
  readonly #allowHeaders: string;

  constructor(config: Config) {
    this.#origins = new Set(config.CORS_ORIGINS);
    this.#own = new URL(config.PUBLIC_URL).origin;
    this.#allowHeaders = [ALLOW_HEADERS, ...config.CORS_ALLOW_HEADERS].join(', ').toLowerCase();
  }

  /** Refuse what is cross-origin and not allowed; true for an allowed preflight. */
  check(req: IncomingMessage, res: ServerResponse): boolean {
    const { origin } = req.headers;
    const preflight = req.method === 'OPTIONS' && origin && 'access-control-request-method' in req.headers;
    if (preflight && !this.#origins.has(origin)) throw refused('malicious_cors');
    if (this.#isForeignWrite(req)) throw refused('malicious_csrf');
    if (origin === undefined || !this.#origins.has(origin)) return false;
    res.setHeader('Access-Control-Allow-Origin', origin);
    res.setHeader('Access-Control-Allow-Credentials', 'true');
    if (!preflight) res.setHeader('Access-Control-Expose-Headers', EXPOSE_HEADERS);
    return Boolean(preflight);
  }

  /** Sec-Fetch-Site where the browser sends it, else Origin; neither means no browser. */
  #isForeignWrite(req: IncomingMessage): boolean {
    const { origin, 'sec-fetch-site': site } = req.headers;
    if (SAFE_METHODS.has(req.method ?? '') || (origin !== undefined && this.#origins.has(origin))) return false;
    if (site === undefined) return origin !== undefined && origin !== this.#own;
    return site !== 'same-origin' && site !== 'none';
  }

  answerPreflight(res: ServerResponse, methods: string): void {
    res.setHeader('Access-Control-Allow-Methods', methods);
    res.setHeader('Access-Control-Allow-Headers', this.#allowHeaders);
    res.setHeader('Access-Control-Max-Age', '600');
    res.setHeader('Vary', PREFLIGHT_VARY);
  }
}

function refused(name: 'malicious_cors' | 'malicious_csrf'): Problem {
  event(name, { level: 'warning', status: 403 });
  return new Problem(403, 'cross-origin-forbidden');
}
