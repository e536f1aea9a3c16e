/** What a request may look like (G), how many may come and who they count for (L). */

import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { connect, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

import { expect } from 'vitest';

import { networkOf, TrustedProxies } from '../../src/core/client-ip.ts';
import { startApi, startService, test } from '../support/service.ts';

const URL = '/v1/items';

// <% if .accounts %>
test('a sign-in is judged before the body', async ({ service }) => {
  expect((await service.send('POST', URL, { body: '{"title":' })).status).toBe(401);
  expect((await service.get(`${URL}?foo=1`)).status).toBe(401);
});

// <% end %>
test('an unknown path', async ({ api }) => {
  const answer = await api.get('/v1/nope');
  expect(answer.status).toBe(404);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(Object.keys(answer.json)).toEqual(['type', 'title', 'status', 'request_id']);
});

test.for(['//v1/items', '/v1/%2e%2e/v1/items', '/v1/item%73', '/v1/items%00', '/v1/items/', '/V1/items'])(
  '%s is another path',
  async (path, { api }) => {
    expect((await api.get(path)).status).toBe(404);
  },
);

test('methods that a path does not have', async ({ api }) => {
  expect(await api.send('PUT', URL, { json: {} })).toMatchObject({
    status: 405,
    headers: { allow: 'POST, GET, OPTIONS' },
  });
  expect((await api.send('HEAD', URL)).status).toBe(405);
  expect(await api.send('OPTIONS', URL)).toMatchObject({ status: 204, headers: { allow: 'POST, GET, OPTIONS' } });
  const trace = await api.send('TRACE', URL, { headers: { 'X-Canary': 'canary' } });
  expect(trace.status).toBe(405);
  expect(trace.text).not.toContain('canary');
  expect((await api.send('TRACE', '/v1/nope')).status).toBe(405);
});

test('CONNECT is refused', async () => {
  const { port } = await startService();
  const socket = connect(port, '127.0.0.1').end('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 405 /);
  const rude = connect(port, '127.0.0.1');
  rude.write('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n', () => rude.resetAndDestroy());
  await once(rude, 'close');
});

test.for([
  '{"title":',
  '',
  'nonsense',
  '['.repeat(10_000),
  '{"a":'.repeat(33),
  '{"title":NaN}',
  `"${String.raw`\"`.repeat(500_000)}`,
  Buffer.from([0x22, 0xff, 0x22]),
])('malformed JSON: %.20s', async (body, { api }) => {
  const answer = await api.send('POST', URL, { body });
  expect(answer).toMatchObject({ status: 400, json: { type: '/problems/malformed-json' } });
});

test.for(['[]', '"x"', '1'])('the wrong type at the top: %s', async (body, { api }) => {
  expect((await api.send('POST', URL, { body })).status).toBe(422);
});

test('brackets in strings are no nesting', async ({ api }) => {
  expect((await api.post(URL, { title: 'x', body: String.raw`\"[{`.repeat(100) })).status).toBe(201);
});

test.for(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16', ''])(
  'only plain JSON is taken, not "%s"',
  async (type, { api }) => {
    const wrong = await api.post(URL, { title: 'x' }, { 'Content-Type': type });
    expect(wrong).toMatchObject({ status: 415, headers: { accept: 'application/json' } });
    expect((await api.post(URL, {}, { 'Content-Encoding': 'gzip' })).status).toBe(415);
    const right = await api.post(URL, { title: 'x' }, { 'Content-Type': 'application/json; charset=utf-8' });
    expect(right.status).toBe(201);
  },
);

test.each([
  ['*/*', 200],
  ['application/*;q=0.5', 200],
  ['text/html', 406],
  ['application/json;q=0', 406],
])('Accept: %s is answered %i', async (accept, status) => {
  const api = await startApi();
  expect((await api.get(URL, { Accept: accept })).status).toBe(status);
});

test('limits of bodies, header fields and URLs', async ({ api }) => {
  const big = `{"title":"${'x'.repeat(1024 * 1024)}"}`;
  expect((await api.send('POST', URL, { body: big })).status).toBe(413);
  const chunked = { 'Transfer-Encoding': 'chunked' };
  expect((await api.send('POST', URL, { body: big, headers: chunked })).status).toBe(413);
  expect((await api.get(URL, { 'X-Long': 'x'.repeat(20_000) })).status).toBe(431);
  expect((await api.get(`${URL}?cursor=${'x'.repeat(10_000)}`)).status).toBe(414);
});

test('parameters are known and there once', async ({ api }) => {
  expect((await api.get(`${URL}?foo=1`)).status).toBe(422);
  expect((await api.get(`${URL}?__proto__=1`)).status).toBe(422);
  expect((await api.get(`${URL}?limit=1&limit=2`)).status).toBe(400);
});

test('only its own names are answered', async ({ api }) => {
  const wrong = await api.get(URL, { Host: 'evil.example' });
  expect(wrong).toMatchObject({ status: 400, json: { type: '/problems/invalid-host' } });
  const forwarded = await api.get(URL, { 'X-Forwarded-Host': 'evil.example' });
  expect(forwarded.status).toBe(200);
  expect(forwarded.text).not.toContain('evil');
  expect((await api.get('/healthz', { Host: '10.0.0.1' })).status).toBe(200);
  const socket = connect(api.port, '127.0.0.1').end(
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n',
  );
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
});

test.each([
  ['abc-12345678', true],
  ['<script>', false],
  ['short', false],
  ['x'.repeat(300), false],
])('request id %.20s is kept: %s', async (given, kept) => {
  const api = await startApi();
  const answer = await api.get('/v1/nope', { 'X-Request-Id': given });
  expect(answer.headers['x-request-id'] === given).toBe(kept);
  expect(answer.json['request_id']).toBe(answer.headers['x-request-id']);
});

test('what is left of a limit', async ({ service }) => {
  const { headers } = await service.get(URL);
  expect(headers['ratelimit-policy']).toBe('"default";q=15000;w=60');
  expect(headers['ratelimit']).toMatch(/^"default";r=14999;t=/);
  expect((await service.get('/healthz')).headers).not.toHaveProperty('ratelimit');
});

test('too many requests', async () => {
  const service = await startService({ RATE_DEFAULT: '2/60' });
  const send = (n: number) => service.get(URL, { 'X-Forwarded-For': `10.0.0.${n}` });
  expect((await send(1)).status).not.toBe(429);
  expect((await send(2)).status).not.toBe(429);
  const refused = await send(3);
  expect(refused).toMatchObject({
    status: 429,
    json: { type: 'https://iana.org/assignments/http-problem-types#quota-exceeded', 'violated-policies': ['default'] },
  });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
});

function from(peer: string, forwarded: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  const req = new IncomingMessage(socket);
  req.headers['x-forwarded-for'] = forwarded;
  return req;
}

test.each([
  ['9.9.9.9', '1.1.1.1', '9.9.9.9'],
  ['10.0.0.5', '1.1.1.1', '1.1.1.1'],
  ['::ffff:10.0.0.5', '1.1.1.1', '1.1.1.1'],
  ['10.0.0.5', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
  ['10.0.0.5', '1.1.1.1, 10.0.0.6', '1.1.1.1'],
  ['2001:db8::5', '1.1.1.1', '1.1.1.1'],
  ['10.0.0.5', 'nonsense', '10.0.0.5'],
  ['10.0.0.5', '', '10.0.0.5'],
])('from %s, forwarded for %s: %s', (peer, forwarded, client) => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '2001:db8::5']);
  expect(proxies.client(from(peer, forwarded))).toBe(client);
});

test('limits count an IPv4 address, and the /64 of an IPv6 one', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
  expect(networkOf('2001:DB8::1')).toBe(networkOf('2001:db8:0:0:ffff::1'));
  expect(networkOf('2001:db8::1')).not.toBe(networkOf('2001:db8:0:1::1'));
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
});
