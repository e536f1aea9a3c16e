/** Headers, cross-origin rules (H, C, X). */

import { expect } from 'vitest';

import { startService, test } from '../support/service.ts';

const URL = '/v1/items';
const APP = 'http://localhost:3000';
const EVIL = 'https://evil.example';
const ALIKE = [
  'null',
  `${APP}.evil.example`,
  `evil${APP}`,
  'https://localhost:3000',
  'http://localhost:3001',
  'http://localhost:3000.',
  'HTTP://LOCALHOST:3000',
  `${APP}/`,
  'http://localhost:3000@evil.example',
  'file://',
];

test('every answer has the headers', async ({ api }) => {
  const answers = await Promise.all([
    api.get(URL),
    api.post(URL, { title: 'x' }),
    api.send('OPTIONS', URL),
    api.send('POST', URL, { body: '{' }),
    api.get('/v1/nope'),
    api.send('PUT', URL, { json: {} }),
    api.send('POST', URL, { body: 'x', headers: { 'Content-Type': 'text/plain' } }),
    api.post(URL, {}),
    api.get(URL, { Host: 'evil.example' }),
    api.post(URL, {}, { Origin: EVIL }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 201, 204, 400, 404, 405, 415, 422, 400, 403]);
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none';.* sandbox$/),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      vary: 'Origin',
    });
    for (const name of ['strict-transport-security', 'server', 'x-powered-by', 'etag']) {
      expect(headers).not.toHaveProperty(name);
    }
  }
});

test('HSTS only over TLS', async () => {
  const overTls = { 'X-Forwarded-Proto': 'https' };
  const open = await startService();
  expect((await open.get(URL, overTls)).headers).not.toHaveProperty('strict-transport-security');
  const proxied = await startService({ TRUSTED_PROXIES: '127.0.0.1' });
  expect((await proxied.get(URL, overTls)).headers).toHaveProperty('strict-transport-security');
  expect((await proxied.get(URL)).headers).not.toHaveProperty('strict-transport-security');
});

test('an allowed preflight', async () => {
  const service = await startService({ CORS_ALLOW_HEADERS: 'X-Tenant' });
  const preflight = { Origin: APP, 'Access-Control-Request-Method': 'POST' };
  const { status, headers } = await service.send('OPTIONS', URL, { headers: preflight });
  expect(status).toBe(204);
  expect(headers).toMatchObject({
    'access-control-allow-origin': APP,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST, GET, OPTIONS',
    'access-control-allow-headers': expect.stringMatching(/^authorization, .*, x-tenant$/),
    'access-control-max-age': '600',
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  });
});

test.for([EVIL, ...ALIKE])('nothing is allowed to %s', async (origin, { service }) => {
  const preflight = await service.send('OPTIONS', URL, {
    headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
  });
  expect(preflight.status).toBe(403);
  for (const { headers } of [preflight, await service.get(URL, { Origin: origin })]) {
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(headers.vary).toBe('Origin');
  }
});

test.for([URL, '/v1/nope'])('an allowed origin may read the answer of %s', async (path, { api }) => {
  const { headers } = await api.get(path, { Origin: APP });
  expect(headers['access-control-allow-origin']).toBe(APP);
  expect(headers['access-control-expose-headers']).toContain('ratelimit');
});

test.for<[Record<string, string>, number]>([
  [{}, 201],
  [{ 'Sec-Fetch-Site': 'same-origin' }, 201],
  [{ 'Sec-Fetch-Site': 'none' }, 201],
  [{ Origin: 'http://localhost:8000' }, 201],
  [{ 'Sec-Fetch-Site': 'cross-site', Origin: APP }, 201],
  [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
  [{ 'Sec-Fetch-Site': 'same-site' }, 403],
  [{ 'Sec-Fetch-Site': 'cross-site', Origin: EVIL }, 403],
  [{ Origin: EVIL }, 403],
  [{ Origin: 'null' }, 403],
])('a write with %j is answered %i', async ([headers, status], { api }) => {
  expect((await api.post(URL, { title: 'x' }, headers)).status).toBe(status);
  expect((await api.get(URL)).json['items']).toHaveLength(status === 201 ? 1 : 0);
});

test('docs are for development', async () => {
  const open = await startService();
  const page = await open.get('/docs');
  expect(page.status).toBe(200);
  expect(page.headers).toMatchObject({
    'content-type': expect.stringContaining('text/html'),
    'content-security-policy': expect.stringContaining("script-src 'self'"),
  });
  expect((await open.get('/docs/docs.js')).headers['content-type']).toContain('text/javascript');
  expect((await open.get('/openapi.json')).json['paths']).toHaveProperty(URL);
  const closed = await startService({ DOCS: 'false' });
  for (const path of ['/docs', '/openapi.json', '/metrics', '/.env', '/admin']) {
    expect((await closed.get(path)).status).toBe(404);
  }
});
