import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';

import { expect, onTestFinished, test, vi } from 'vitest';

import { countPrimes } from '../../src/benchmark/primes.ts';
import { BACKLOG_BYTES, Streams } from '../../src/benchmark/streams.ts';
import { check } from '../../src/core/checks.ts';
import { freshEnv } from '../../src/core/commands.ts';
import { loadConfig } from '../../src/core/config.ts';
import { sendProblem } from '../../src/core/problem.ts';
import { startApi, type TestService } from '../support/service.ts';

const ORDER = { name: 'Tea', quantity: 3, tags: ['green', 'loose'] };
const SETTINGS = {
  PUBLIC_URL: 'http://localhost:8000',
  APP_URL: 'http://localhost:3000',
  ALLOWED_HOSTS: 'localhost',
  MAIL_FROM: 'no-reply@localhost',
  SMTP_URL: 'smtp://127.0.0.1:1',
  BENCHMARK_UPSTREAM: 'http://127.0.0.1:1/',
};
const CALLS: [string, string, unknown?][] = [
  ['POST', '/v1/benchmark/echo', ORDER],
  ['GET', '/v1/benchmark/slow'],
  ['GET', '/v1/benchmark/cpu?n=10'],
  ['GET', '/v1/benchmark/stream'],
  ['POST', '/v1/benchmark/publish', { id: '1' }],
];

const start = (changes: Record<string, string> = {}): Promise<TestService> =>
  startApi({ ...SETTINGS, APP_ENV: 'benchmark', ...changes });

/** A server of its own; it ends with the test. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function open(url: string, headers = {}): Promise<IncomingMessage> {
  const [res] = await once(get(url, { agent: false, headers }), 'response');
  return res;
}

test.each(['development', 'production'])('%s knows nothing of it', async (environment) => {
  const api = await start({ APP_ENV: environment });
  for (const [method, path, json] of CALLS) expect((await api.send(method, path, { json })).status).toBe(404);
});

test('who is not signed in is refused', async () => {
  const api = await start();
  const headers = { Authorization: '' };
  for (const [method, path, json] of CALLS) expect((await api.send(method, path, { json, headers })).status).toBe(401);
});

test.each(['', 'ftp://localhost/', 'http://user:pw@localhost/'])('does not start with the upstream %j', async (url) => {
  const config = loadConfig({
    ...parseEnv(freshEnv()),
    ...SETTINGS,
    APP_ENV: 'benchmark',
    DATABASE_URL: 'sqlite://',
    BENCHMARK_UPSTREAM: url,
  });
  await expect(check(config, {})).rejects.toThrow('BENCHMARK_UPSTREAM: not an http:// URL without a user');
});

test('wrong input is refused', async () => {
  const api = await start();
  const changes = [
    { name: '' },
    { name: 'x'.repeat(101) },
    { name: 'a\nb' },
    { quantity: 0 },
    { quantity: 1001 },
    { quantity: '3' },
    { tags: Array(11).fill('x') },
    { tags: [1] },
    { extra: 1 },
  ];
  for (const change of changes) {
    expect((await api.post('/v1/benchmark/echo', { ...ORDER, ...change })).status).toBe(422);
  }
  for (const query of ['', '?n=0', '?n=1000000', '?n=-1', '?n=1.5', '?n=x']) {
    expect((await api.get(`/v1/benchmark/cpu${query}`)).status).toBe(422);
  }
  expect((await api.post('/v1/benchmark/publish', { id: '' })).status).toBe(422);
});

test('echoes', async () => {
  const api = await start();
  const { text: body } = await api.post('/v1/benchmark/echo', ORDER);
  expect(body).toBe('{"name":"Tea","quantity":3,"tags":["green","loose"]}');
});

test('asks its upstream', async () => {
  const api = await start({ BENCHMARK_UPSTREAM: await serve((_req, res) => res.writeHead(418).end('short')) });
  expect((await api.get('/v1/benchmark/slow')).text).toBe('{"status":418}');
});

test('says so when its upstream is away', async () => {
  const api = await start();
  const answer = await api.get('/v1/benchmark/slow');
  expect(answer).toMatchObject({ status: 503, json: { type: '/problems/unavailable' } });
});

test.each([
  [1, 0],
  [2, 1],
  [10, 4],
  [25, 9],
  [7919, 1000],
])('up to %d there are %d primes', (limit, primes) => expect(countPrimes(limit)).toBe(primes));

test('computes', async () => {
  const api = await start();
  expect((await api.get('/v1/benchmark/cpu?n=100')).text).toBe('{"n":100,"primes":25}');
});

test('every stream gets every event', async () => {
  const api = await start();
  const url = `http://localhost:${api.port}/v1/benchmark/stream`;
  const streams = [await open(url, api.headers), await open(url, api.headers)];
  expect(streams[0]?.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  for (const id of ['1', '2']) expect((await api.post('/v1/benchmark/publish', { id })).status).toBe(204);
  for (const stream of streams) {
    let received = '';
    for await (const chunk of stream) {
      received += String(chunk);
      if (received.includes('"2"')) break;
    }
    expect(received).toBe('data: {"id":"1"}\n\ndata: {"id":"2"}\n\n');
  }
});

test('streams end when the process drains', async () => {
  const streams = new Streams();
  const life = { draining: false };
  const stream = await open(await serve((_req, res) => streams.open(res, life)));
  life.draining = true;
  expect(await text(stream)).toBe('');
});

test('streams are bounded', async () => {
  const streams = new Streams({ limit: 2 });
  const url = await serve((_req, res) => {
    try {
      streams.open(res, { draining: false });
    } catch (error) {
      sendProblem(res, error);
    }
  });
  const opened = [await open(url), await open(url), await open(url)];
  expect(opened.map(({ statusCode }) => statusCode)).toEqual([200, 200, 503]);
});

test('a stream that does not keep up is cut off', async () => {
  const streams = new Streams();
  const cut = vi.fn<() => void>();
  const url = await serve((_req, res) => streams.open(res.on('close', cut), { draining: false }));
  (await open(url)).pause();
  const id = 'x'.repeat(BACKLOG_BYTES);
  await vi.waitFor(() => {
    streams.publish({ id });
    expect(cut).toHaveBeenCalled();
  }, 15_000);
});
