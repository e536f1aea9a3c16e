/** What is away, and what nobody foresaw (Z1, Z5, G2). */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { parseEnv } from 'node:util';

import { sql } from 'kysely';
import { expect, onTestFinished, test, vi } from 'vitest';

import { freshEnv } from '../../src/core/commands.ts';
import { loadConfig } from '../../src/core/config.ts';
import { isConflict, isOutage, openDatabase } from '../../src/core/db.ts';
import { openStore } from '../../src/core/store.ts';
import { listen, type TestService } from '../support/service.ts';

const MEMBERS = { title: expect.any(String), request_id: expect.any(String) };

/** A service with another database than it needs. */
function startWith(url: string): Promise<TestService> {
  return listen(loadConfig({ ...parseEnv(freshEnv()), DATABASE_URL: url }));
}

/** A request that cannot do without the database. */
function ask(service: TestService) {
  // <% if .accounts %>
  return service.post('/v1/auth/login', { email: 'ann@example.com', password: 'violet umbrella parade' });
  // <% else %>
  return service.get('/v1/items');
  // <% end %>
}

test('without its database a service is alive, not ready, and says no more', async () => {
  const service = await startWith('postgresql://app:k3J9x@127.0.0.1:1/app');
  expect((await service.get('/healthz')).status).toBe(200);
  expect(await service.get('/readyz')).toMatchObject({ status: 503, json: { status: 'unavailable' } });
  const { status, headers, json } = await ask(service);
  expect([status, headers['retry-after']]).toEqual([503, '5']);
  expect(json).toEqual({ ...MEMBERS, type: '/problems/unavailable', status: 503 });
});

/** What PostgreSQL sends that is shut down in the middle of a transaction. */
const LAST_WORDS = [
  'R\0\0\0\b\0\0\0\0Z\0\0\0\x05I',
  'C\0\0\0\nBEGIN\0Z\0\0\0\x05T',
  'E\0\0\0\x16SFATAL\0C57P01\0Mx\0\0',
];

test('a connection that ends in the middle of a transaction is an outage, and ends nothing else', async () => {
  const server = createServer((socket) => {
    const words = [...LAST_WORDS];
    socket.on('data', () => {
      socket.write(words.shift() ?? '');
      if (words.length === 0) socket.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const db = await openDatabase(`postgresql://app@127.0.0.1:${(server.address() as AddressInfo).port}/app`);
  onTestFinished(() => void server.close());
  await expect(db.transaction((queries) => sql`select 1`.execute(queries))).rejects.toSatisfy(isOutage);
  await db.close();
});

test.each([
  ['an outage', true, ['08006', '53300', '57014', '57P01', 'ECONNRESET', 'EAI_AGAIN']],
  ['a conflict', false, ['23503', '23505', '40001', '40P01']],
])('%s is told by its code', (_, outage, codes) => {
  const errors = codes.map((code) => Object.assign(new Error(code), { code }));
  expect(errors.map(isOutage)).toEqual(codes.map(() => outage));
  expect(errors.map(isConflict)).toEqual(codes.map(() => !outage));
});

test('a failure of our own shows nothing of itself', async () => {
  const service = await startWith('sqlite://'); // no tables
  expect((await service.get('/readyz')).status).toBe(200);
  const { status, json } = await ask(service);
  expect(status).toBe(500);
  expect(json).toEqual({ ...MEMBERS, type: '/problems/internal', status: 500 });
});

test('limits count until the end of the window', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const store = await openStore('');
  expect(await store.hit('key', 60)).toEqual({ count: 1, reset: 60 });
  vi.advanceTimersByTime(59_001);
  expect(await store.hit('key', 60)).toEqual({ count: 2, reset: 1 });
  expect(await store.ttl('key')).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(await store.ttl('key')).toBe(0);
  expect(await store.incr('key', 60)).toBe(1);
  await store.clear('key');
  expect(await store.ttl('key')).toBe(0);
});

test('limits fall back to this process without the shared store', async () => {
  const store = await openStore('redis://127.0.0.1:1');
  onTestFinished(() => store.close());
  expect(store.degraded).toBe(false);
  expect([await store.incr('key', 60), await store.incr('key', 60)]).toEqual([1, 2]);
  expect(store.degraded).toBe(true);
});

test('a shared store that is silent is waited for no longer than a moment', async () => {
  // Greets, and then says nothing more.
  const frozen = createServer((socket) => void socket.once('data', () => socket.write('+OK\r\n'.repeat(4))));
  await once(frozen.listen(0, '127.0.0.1'), 'listening');
  const store = await openStore(`redis://127.0.0.1:${(frozen.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    await store.close();
    frozen.close();
  });
  await once(frozen, 'connection');
  expect(await store.incr('key', 60)).toBe(1);
  expect(store.degraded).toBe(true);
});
