/** The service in this process, on a port of its own, with a migrated SQLite file; and a client that shows all. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';

import { onTestFinished, test as base } from 'vitest';

import { freshEnv } from '../../src/core/commands.ts';
import { type Config, loadConfig } from '../../src/core/config.ts';
import { migrate } from '../../src/core/migrations.ts';
import { newServer, type Service } from '../../src/core/server.ts';
// <% if .remote_items %>
import { createService } from './app.ts';
// <% else %>
import { createService } from '../../src/app.ts';
// <% end %>
// <% if .accounts %>
import { authorization } from './accounts.ts';
// <% end %>

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body, read as JSON. */
  json: Record<string, unknown>;
}

export interface Sent {
  headers?: OutgoingHttpHeaders;
  json?: unknown;
  /** Bytes as they are; typed as JSON unless headers say otherwise. */
  body?: string | Buffer;
}

export class TestService {
  readonly config: Config;
  readonly port: number;
  /** Sent with every request. */
  readonly headers: OutgoingHttpHeaders = {};

  constructor(config: Config, port: number) {
    this.config = config;
    this.port = port;
  }

  async send(method: string, path: string, { headers, json, body }: Sent = {}): Promise<Answer> {
    const content = json === undefined ? body : JSON.stringify(json);
    const req = request({
      agent: false,
      port: this.port,
      method,
      path,
      headers: {
        Host: 'localhost',
        ...(content === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...this.headers,
        ...headers,
      },
    });
    req.end(content);
    const [res] = await once(req, 'response');
    const answer = await text(res);
    return {
      status: res.statusCode,
      headers: res.headers,
      text: answer,
      json: answer.startsWith('{') ? JSON.parse(answer) : {},
    };
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  post(path: string, json: unknown, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.send('POST', path, { json, headers });
  }
}

/** A service with these settings changed; it ends with the test. */
export async function startService(changes: Record<string, string> = {}): Promise<TestService> {
  const DATABASE_URL = `sqlite:///${randomUUID()}.db`;
  const config = loadConfig({ ...parseEnv(freshEnv()), DATABASE_URL, ...changes });
  await migrate(config);
  return listen(config);
}

/** A service on whatever its database holds. */
export async function listen(config: Config): Promise<TestService> {
  return serve(await createService(config));
}

/** On a port of its own, until the test has ended. */
export async function serve(service: Service): Promise<TestService> {
  const server = newServer(service.listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await service.close();
  });
  return new TestService(service.config, (server.address() as AddressInfo).port);
}

/** A service, and a client that may call what needs a sign-in. */
export async function startApi(changes: Record<string, string> = {}): Promise<TestService> {
  const service = await startService(changes);
  // <% if .accounts %>
  Object.assign(service.headers, await authorization(service.config, 'ann@example.com'));
  // <% end %>
  return service;
}

/** A test that names `service` or `api` is given one, as these make them. */
export const test = base.extend('service', () => startService()).extend('api', () => startApi());
