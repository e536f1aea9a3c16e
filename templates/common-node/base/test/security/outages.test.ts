/** What is away, and what nobody foresaw (Z1, Z5, G2). */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { parseEnv } from 'node:util';

import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';

import { freshEnv } from '../../src/core/commands.ts';
import { loadConfig } from '../../src/core/config.ts';
import { isConflict, isOutage, openDatabase } from '../../src/core/db.ts';
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
    const words = LAST_WORDS.values();
    socket.on('data', () => {
      const { value } = words.next();
      if (value === undefined || value === LAST_WORDS.at(-1)) socket.end(value);
      else socket.write(value);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const db = await openDatabase(`postgresql://app@127.0.0.1:${(server.address() as AddressInfo).port}/app`);
  onTestFinished(() => void server.close());
  await expect(db.transaction((queries) => sql`select 1`.execute(queries))).rejects.toSatisfy(isOutage);
  await db.close();
});

test.each(['08006', '53300', '57014', '57P01', 'ECONNRESET', 'EAI_AGAIN'])('%s is an outage', (code) => {
  const error = Object.assign(new Error(code), { code });
  expect([isOutage(error), isConflict(error)]).toEqual([true, false]);
});

test.each(['23503', '23505', '40001', '40P01'])('%s is a conflict', (code) => {
  const error = Object.assign(new Error(code), { code });
  expect([isOutage(error), isConflict(error)]).toEqual([false, true]);
});

test('a failure of our own shows nothing of itself', async () => {
  const service = await startWith('sqlite://'); // no tables
  expect((await service.get('/readyz')).status).toBe(200);
  const { status, json } = await ask(service);
  expect(status).toBe(500);
  expect(json).toEqual({ ...MEMBERS, type: '/problems/internal', status: 500 });
});
