import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';

import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { freshEnv, main } from '../../src/core/commands.ts';
// <% if .remote_items %>
import { createService } from '../support/app.ts';
// <% else %>
import { createService } from '../../src/app.ts';
// <% end %>

const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);

beforeEach(() => {
  stdout.mockClear();
  stderr.mockClear();
});

/** What a command prints, and its exit code. */
async function run(...argv: string[]): Promise<{ code: typeof process.exitCode; out: string; err: string }> {
  onTestFinished(() => void (process.exitCode = 0));
  process.exitCode = 0;
  await main(argv, createService);
  const text = (spy: typeof stdout): string => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
  return { code: process.exitCode, out: text(stdout), err: text(stderr) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function prepare(): Promise<{ url: string; metrics: string }> {
  const [port, metrics] = [await freePort(), await freePort()];
  const lines = [`PORT=${port}`, `METRICS_PORT=${metrics}`, 'LOG_LEVEL=error', 'DATABASE_URL=sqlite:///var/test.db'];
  writeFileSync('.env', `${freshEnv()}${lines.join('\n')}\n`);
  return { url: `http://127.0.0.1:${port}`, metrics: `http://127.0.0.1:${metrics}` };
}

test.each([[[]], [['nonsense']]])('%j shows the commands', async (argv) => {
  const { code, err } = await run(...argv);
  expect(code).toBe(2);
  expect(err).toContain('usage:');
});

test('each .env has keys of its own', async () => {
  const { out } = await run('env');
  expect(out).toMatch(/^APP_ENV=development\nCURSOR_SECRET=[\w-]{64}\n/);
  expect(freshEnv()).not.toBe(out);
});

test('the description is the same wherever it is made', async () => {
  vi.stubEnv('DATABASE_URL', 'postgresql://nowhere/app');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, out } = await run('openapi');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ openapi: '3.1.0', paths: { '/v1/items': {}, '/healthz': {} } });
  expect(out).not.toContain('/docs');
});

test('what is wrong is named, and nothing starts', async () => {
  vi.stubEnv('APP_ENV', 'production');
  vi.stubEnv('PORT', 'http');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await run('serve')).toMatchObject({ code: 2, err: expect.stringMatching(/^Refusing to start:\n {2}PORT: /) });
  expect((await run('migrate')).code).toBe(2);
  // <% if .accounts %>
  vi.stubEnv('PORT', '');
  expect((await run('create-admin', 'ann@example.com')).err).toContain('DATABASE_URL: missing');
  // <% end %>
});

test('a misspelt setting in .env is refused', async () => {
  writeFileSync('.env', `${freshEnv()}RATE_DEFALT=1/60\n`);
  expect((await run('migrate')).err).toContain('RATE_DEFALT: in .env, but no setting');
});

test('migrates, twice, and makes sample data', async () => {
  await prepare();
  expect((await run('migrate')).code).toBe(0);
  expect((await run('migrate')).code).toBe(0);
  expect(existsSync('var/test.db')).toBe(true);
  expect((await run('seed')).out).toContain('/v1/items');
});

test('serves until it is told to stop, and says so before', async () => {
  const { url, metrics } = await prepare();
  await run('migrate');
  const served = run('serve');
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), 15_000);
  expect((await fetch(`${url}/v1/nope`)).status).toBe(404);
  expect(await (await fetch(`${metrics}/metrics`)).text()).toContain('route="(unknown)",status="404"');
  expect((await fetch(metrics)).status).toBe(404);
  const slow = request(`${url}/v1/items`, {
    agent: new Agent({ keepAlive: true }),
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': 2, Expect: '100-continue' },
  });
  slow.flushHeaders();
  await once(slow, 'continue');
  const silent = connect(Number(new URL(url).port), '127.0.0.1');
  await once(silent, 'connect');
  process.emit('SIGTERM');
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(503), 5_000);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const refused = await fetch(`${url}/v1/items`);
  expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
  await vi.waitFor(() => expect(fetch(url)).rejects.toThrow('fetch failed'), 5_000);
  slow.end('{}');
  await once(slow, 'response');
  // No connection is kept for a next request, or a first one, which would keep the process.
  expect((await served).code).toBe(0);
});

test('a port that is taken is named', async () => {
  const { url, metrics } = await prepare();
  const taken = createServer().listen(Number(new URL(url).port), '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  expect(await run('serve')).toMatchObject({
    code: 2,
    err: expect.stringContaining('PORT: cannot listen there: EADDRINUSE'),
  });
  // Nothing is left that would keep the process.
  await expect(fetch(metrics)).rejects.toThrow('fetch failed');
});
