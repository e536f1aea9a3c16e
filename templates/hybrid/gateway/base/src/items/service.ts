/** The service that keeps the items; it answers in the contract's own words. */

import { type Config, ConfigError } from '../core/config.ts';
import type { RequestContext } from '../core/context.ts';
import { event } from '../core/logging.ts';
import { Problem } from '../core/problem.ts';
import { ServiceTokens } from './service-token.ts';

const TIMEOUT_MILLISECONDS = 10_000;
const PROBE_MILLISECONDS = 1000;
const PASSED_ON = ['content-type', 'location'];

/** The request in hand. */
type Asked = Pick<RequestContext, 'method' | 'path' | 'search' | 'raw' | 'requestId'>;

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

interface Message {
  method: string;
  /** Path and query. */
  target: string;
  body: Buffer;
  requestId: string;
}

export class ItemService {
  readonly #url: string;
  readonly #tokens: ServiceTokens;
  #answered = false;

  constructor(config: Config) {
    const url = URL.parse(config.SERVICE_URL);
    if (url?.pathname !== '/' || !/^https?:$/.test(url.protocol)) {
      throw new ConfigError(['SERVICE_URL: not an http:// or https:// origin without a path']);
    }
    this.#url = url.origin;
    try {
      this.#tokens = new ServiceTokens(config.SERVICE_PRIVATE_KEY);
    } catch {
      throw new ConfigError(['SERVICE_PRIVATE_KEY: not a PEM key on P-256']);
    }
  }

  /** Whether the service is up, or was: its outages are answered one by one, and accounts go on. */
  async hasAnswered(): Promise<boolean> {
    this.#answered ||= await fetch(`${this.#url}/healthz`, { signal: AbortSignal.timeout(PROBE_MILLISECONDS) }).then(
      ({ ok }) => ok,
      () => false,
    );
    return this.#answered;
  }

  /** What the service answers to the request in hand, for its user. */
  async answer(userId: string, { method, path, search, raw, requestId }: Asked): Promise<Answer> {
    return this.#send(userId, { method, target: path + search, body: raw, requestId });
  }

  /** Deletes all that is kept of a user. */
  async forget(userId: string, { requestId }: Asked): Promise<void> {
    const { status } = await this.#send(userId, {
      method: 'DELETE',
      target: '/v1/items',
      body: Buffer.alloc(0),
      requestId,
    });
    if (status !== 204) throw unavailable(`status ${status}`);
  }

  async #send(userId: string, message: Message): Promise<Answer> {
    const { method, body, requestId } = message;
    const url = new URL(message.target, this.#url);
    const token = await this.#tokens.issue(userId, { method, target: url.pathname + url.search, body });
    const headers = new Headers({ Authorization: `Bearer ${token}`, 'X-Request-Id': requestId });
    if (method === 'POST' || method === 'PATCH' || body.length > 0) headers.set('Content-Type', 'application/json');
    try {
      const response = await fetch(url, {
        method,
        headers,
        body: body.length > 0 ? body : null,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      });
      // It does not know us: that is between the two of us, and not for the user to mend.
      if (response.status === 401) throw unavailable('it refuses the service token');
      const passed = PASSED_ON.flatMap((name) => {
        const value = response.headers.get(name);
        return value === null ? [] : [[name, value] as const];
      });
      const answer = Buffer.from(await response.arrayBuffer());
      return { status: response.status, headers: Object.fromEntries(passed), body: answer };
    } catch (error) {
      throw error instanceof Problem ? error : unavailable(reasonOf(error));
    }
  }
}

function unavailable(reason: string): Problem {
  event('sys_service_unavailable', { level: 'error', description: `the service behind this gateway: ${reason}` });
  return new Problem(503, 'unavailable', { headers: { 'Retry-After': '5' } });
}

/** The code, such as ECONNREFUSED; never a message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
}
