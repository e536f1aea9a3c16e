/** What is away, and what nobody foresaw (Z1, Z5, G2). */

import { parseEnv } from 'node:util';

import { expect, test } from 'vitest';

import { freshEnv } from '../../src/core/commands.ts';
import { loadConfig } from '../../src/core/config.ts';
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

test('a failure of our own shows nothing of itself', async () => {
  const service = await startWith('sqlite://'); // no tables
  expect((await service.get('/readyz')).status).toBe(200);
  const { status, json } = await ask(service);
  expect(status).toBe(500);
  expect(json).toEqual({ ...MEMBERS, type: '/problems/internal', status: 500 });
});
