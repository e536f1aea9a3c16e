/**
 * Around every request, in one order, before any handler runs; and what every answer carries, whatever happened inside.
 *
 * Host and sizes, cross-origin rules, route and method, media types and body size, rate limit. Authentication,
 * parameters and the body's members follow in the framework's own terms.
 */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { networkOf, TrustedProxies } from './client-ip.ts';
import type { Config } from './config.ts';
import { type RequestContext, runWith } from './context.ts';
import { type Life, requestSeconds } from './health.ts';
import { Cors, Hosts, setSecurityHeaders } from './http-security.ts';
import { event } from './logging.ts';
import { type Operation, type Resource, RouteTable } from './operation.ts';
import { notFound, Problem, sendProblem } from './problem.ts';
import type { RateLimiter } from './ratelimit.ts';
import { checkMediaTypes, checkUrl, NOTHING, readBody } from './request.ts';

export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

export interface EnvelopeParts {
  config: Config;
  operations: readonly Operation[];
  limiter: RateLimiter;
  life: Life;
  /** The user a genuine token names, without asking the database; for counting. */
  identify?: (req: IncomingMessage) => Promise<string | undefined>;
}

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;
const PROBES = new Set(['/healthz', '/readyz']);
const NEVER_METHODS = new Set(['TRACE', 'TRACK', 'CONNECT']);
const LONGEST_LOGGED = 256;

export function envelope({ config, operations, limiter, life, identify }: EnvelopeParts): Middleware {
  const proxies = new TrustedProxies(config.TRUSTED_PROXIES);
  const hosts = new Hosts(config.ALLOWED_HOSTS);
  const cors = new Cors(config);
  const table = new RouteTable(operations);

  /** True when the handler is to answer; throws what refuses. */
  async function admit(req: IncomingMessage, res: ServerResponse, context: RequestContext): Promise<boolean> {
    const { method, path } = context;
    const probe = PROBES.has(path);
    hosts.check(req, probe);
    checkUrl(req.url ?? '');
    const preflight = cors.check(req, res);
    const resource = find(table, context);
    if (life.draining && !probe) {
      throw new Problem(503, 'unavailable', { headers: { Connection: 'close', 'Retry-After': '5' } });
    }
    if (method === 'OPTIONS') {
      if (preflight) cors.answerPreflight(res, resource.allow);
      else res.setHeader('Allow', resource.allow);
      res.writeHead(204).end();
      return false;
    }
    const operation = resource.operations.get(method);
    if (operation === undefined) throw notAllowed(resource);
    context.operation = operation;
    checkMediaTypes(operation, req);
    context.raw = await readBody(req, path);
    if (!probe) {
      context.userKey = (await identify?.(req)) ?? context.network;
      const fields = await limiter.check(context);
      res.setHeader('RateLimit', fields.RateLimit);
      res.setHeader('RateLimit-Policy', fields['RateLimit-Policy']);
    }
    return true;
  }

  return (req, res, next) => {
    const started = performance.now();
    const context = newContext(req, proxies.client(req));
    res.setHeader('X-Request-Id', context.requestId);
    setSecurityHeaders(res, context.path, proxies.isHttps(req));
    res.on('close', () => {
      const status = res.statusCode;
      const route = context.operation?.path ?? '(unknown)';
      requestSeconds.observe({ method: context.method, route, status }, (performance.now() - started) / 1000);
      if (status === 422) event('input_validation_fail', { level: 'warning', status }, context);
      event('http_request', { level: PROBES.has(context.path) ? 'debug' : 'info', status }, context);
    });
    runWith(context, () => {
      admit(req, res, context).then(
        (admitted) => {
          if (admitted) next();
        },
        (error: unknown) => sendProblem(res, error),
      );
    });
  };
}

function newContext(req: IncomingMessage, ip: string): RequestContext {
  const { url = '' } = req;
  const end = url.includes('?') ? url.indexOf('?') : url.length;
  const network = networkOf(ip);
  return {
    requestId: requestId(req),
    ip,
    network,
    userAgent: (req.headers['user-agent'] ?? '').slice(0, LONGEST_LOGGED),
    method: req.method ?? '',
    path: url.slice(0, end),
    search: url.slice(end),
    raw: NOTHING,
    userKey: network,
  };
}

function requestId(req: IncomingMessage): string {
  const given = req.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

function find(table: RouteTable, context: RequestContext): Resource {
  // No route needs an escape, so an escaped path is another spelling: unknown.
  const found = context.path.includes('%') ? undefined : table.find(context.path);
  if (NEVER_METHODS.has(context.method)) throw notAllowed(found);
  if (found === undefined) throw notFound();
  // <% if .accounts %>
  // Ids of sessions are not for logs.
  if (found.template.includes('{session_id}')) context.path = found.template;
  // <% end %>
  return found;
}

function notAllowed(resource: Resource | undefined): Problem {
  return new Problem(405, 'method-not-allowed', { headers: { Allow: resource?.allow ?? 'OPTIONS' } });
}
