/** The HTTP server process: bounds on the parser, start and graceful end. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { isLoopback } from './checks.ts';
import { type Config, ConfigError, isProduction } from './config.ts';
import { type Life, metricsServer } from './health.ts';
import { event, flushLogs } from './logging.ts';

const HEADERS_MILLISECONDS = 10_000;
const REQUEST_MILLISECONDS = 30_000;
const KEEP_ALIVE_MILLISECONDS = 65_000;
const IN_FLIGHT_MILLISECONDS = 25_000;
/** Long enough for a balancer to see the probe fail before connections are refused. */
const DRAIN_MILLISECONDS = 1000;

export interface Service {
  config: Config;
  life: Life;
  listener: RequestListener;
  openapi: () => object;
  close: () => Promise<void>;
}

/** A server whose parser waits for nobody; not listening yet. */
export function newServer(listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_MILLISECONDS,
      requestTimeout: REQUEST_MILLISECONDS,
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
      connectionsCheckingInterval: 1000,
      // A field that is there twice is no longer the one that was meant: whoever reads it sees both.
      joinDuplicateHeaders: true,
    },
    listener,
  );
  server.on('connect', (_req, socket) => {
    // No longer the server's: nobody else hears its errors, or ends it.
    socket.on('error', () => {});
    const refusal =
      'HTTP/1.1 405 Method Not Allowed\r\nAllow: OPTIONS\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
    socket.end(refusal, () => socket.destroy());
  });
  return server;
}

/** Run until told to stop. One process: replicas are how it scales. */
export async function serve({ config, life, listener, close }: Service): Promise<void> {
  if (!isProduction(config) && !isLoopback(config.BIND)) {
    event('sys_warning', { level: 'warning', description: 'BIND: development on a public address' });
  }
  const metrics = metricsServer();
  const server = newServer(listener);
  const unused = unusedConnections(server);
  try {
    await listen(metrics, 'METRICS_PORT', config);
    await listen(server, 'PORT', config);
    event('sys_startup');
    await stopSignal();
    life.draining = true;
    await Promise.race([sleep(DRAIN_MILLISECONDS), stopSignal()]);
    for (const socket of unused) socket.destroy();
    await drain(server);
  } finally {
    metrics.close();
    metrics.closeAllConnections();
    await close();
  }
  event('sys_shutdown');
  flushLogs();
}

/** Those that have asked for nothing yet, which Node takes for busy. */
function unusedConnections(server: Server): ReadonlySet<Socket> {
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  return unused;
}

/** Answers what is in flight. */
async function drain(server: Server): Promise<void> {
  const closed = once(server, 'close');
  // What is answered from now on is not kept open for a next request.
  server.keepAliveTimeout = 1;
  server.close();
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), IN_FLIGHT_MILLISECONDS);
  await closed;
  clearTimeout(late);
}

async function listen(server: Server, name: 'PORT' | 'METRICS_PORT', config: Config): Promise<void> {
  server.listen({ port: config[name], host: config.BIND, backlog: 2048 });
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ConfigError([`${name}: cannot listen there: ${reason}`]);
  }
}

/** Resolves at SIGTERM or Ctrl-C. */
async function stopSignal(): Promise<void> {
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
}
