/** The application: its routes, and in which order requests meet it. */

// <% if or .accounts .idempotency %>
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
// <% else %>
import express, { type ErrorRequestHandler, type Express } from 'express';
// <% end %>

import type { Config } from './core/config.ts';
// <% if .accounts %>
import { current } from './core/context.ts';
// <% end %>
import { envelope } from './core/envelope.ts';
// <% if .idempotency %>
import { Idempotency, isRetriable, sendKept } from './core/idempotency.ts';
// <% end %>
import { describe } from './core/openapi.ts';
import type { Operation } from './core/operation.ts';
import { sendProblem } from './core/problem.ts';
import { RateLimiter } from './core/ratelimit.ts';
import type { Service } from './core/server.ts';
import { openParts, type Parts } from './parts.ts';
// <% if .accounts %>
import { authRoutes } from './routes/auth.ts';
// <% end %>
// <% if .benchmark %>
import { benchmarkRoutes } from './routes/benchmark.ts';
// <% end %>
import { docsRoutes } from './routes/docs.ts';
import { healthRoutes } from './routes/health.ts';
import { itemRoutes } from './routes/items.ts';
// <% if .accounts %>
import { meRoutes } from './routes/me.ts';
// <% end %>

const METHODS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

/** The service with everything open that it needs; for a server to listen. */
export async function createService(config: Config): Promise<Service> {
  const parts = await openParts(config);
  const { app, operations } = createApp(parts);
  return { config, life: parts.life, listener: app, openapi: () => describe(operations), close: parts.close };
}

/** The operations are those that the API's description shows. */
function createApp(parts: Parts): { app: Express; operations: readonly Operation[] } {
  const { config, life, store } = parts;
  const routes = [
    // Express tries them in this order.
    ...itemRoutes(parts),
    ...healthRoutes(parts),
    // <% if .accounts %>
    ...authRoutes(parts),
    ...meRoutes(parts),
    // <% end %>
    // <% if .benchmark %>
    ...(config.APP_ENV === 'benchmark' ? benchmarkRoutes(parts) : []),
    // <% end %>
  ];
  const shown = routes.map(({ operation }) => operation);
  if (config.DOCS) routes.push(...docsRoutes(shown));

  const app = express();
  app.disable('etag').disable('query parser').disable('x-powered-by');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(
    envelope({
      config,
      life,
      limiter: new RateLimiter(store, config),
      operations: routes.map(({ operation }) => operation),
      // <% if .accounts %>
      identify: async (req) => (await parts.authenticator.claims(req))?.userId,
      // <% end %>
    }),
  );
  for (const { operation, handle } of routes) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app.route(path)[METHODS[operation.method]](
      // What is asked before the handler, in this order.
      // <% if .accounts %>
      signedIn(operation, parts),
      // <% end %>
      // <% if .idempotency %>
      idempotent(operation, parts),
      // <% end %>
      handle,
    );
  }
  app.use(onError);
  return { app, operations: shown };
}

// <% if .accounts %>
/** Deny by default: whatever is not declared public wants a caller who is signed in. */
function signedIn({ access }: Operation, { authenticator }: Parts): RequestHandler[] {
  if (access === 'public') return [];
  const authenticate: RequestHandler = async (req, _res, next) => {
    current().principal = await authenticator.admit(req, access);
    next();
  };
  return [authenticate];
}

// <% end %>
// <% if .idempotency %>
/** Where something is made, the same Idempotency-Key gives the same answer. */
function idempotent(operation: Operation, { db }: Parts): RequestHandler[] {
  if (!isRetriable(operation)) return [];
  const idempotency = new Idempotency(db);
  const replay: RequestHandler = async (req, res, next) => {
    const kept = await idempotency.begin(req, res);
    if (kept === undefined) next();
    else sendKept(res, kept);
  };
  return [replay];
}

// <% end %>
// Express knows an error handler by its four parameters.
const onError: ErrorRequestHandler = (error, _req, res, _next) => sendProblem(res, error);
