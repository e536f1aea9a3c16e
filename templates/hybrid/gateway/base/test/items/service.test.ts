/** What happens between the gateway and the service behind it. */

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { expect, inject, onTestFinished } from 'vitest';

import { loadConfig } from '../../src/core/config.ts';
import { ItemService } from '../../src/items/service.ts';
import { ServiceTokens } from '../../src/items/service-token.ts';
import { authorization } from '../support/accounts.ts';
import { test } from '../support/service.ts';

const URL = '/v1/items';
const ANN = '6f1b4a52-9d0c-4c62-8a3f-0d6f5a1f2b11';
const NOTHING = Buffer.alloc(0);
const message = (method: string, search = '', raw = NOTHING) => ({
  method,
  path: URL,
  search,
  raw,
  requestId: 'abc-12345678',
});

test('the service answers nobody but the gateway', async () => {
  const service = inject('serviceUrl');
  const foreign = new ServiceTokens(newKey('P-256'));
  const own = new ServiceTokens(inject('serviceKey'));
  const get = { method: 'GET', target: URL, body: NOTHING };
  const send = async (authorize: Record<string, string>): Promise<number> =>
    (await fetch(service + URL, { headers: authorize })).status;

  expect(await send({})).toBe(401);
  expect(await send(bearer(await foreign.issue(ANN, get)))).toBe(401);
  expect(await send(bearer(await own.issue(ANN, { ...get, method: 'DELETE' })))).toBe(401);
  expect(await send(bearer(await own.issue(ANN, { ...get, target: `${URL}?limit=1` })))).toBe(401);
  expect(await send(bearer(await own.issue(ANN, { ...get, body: Buffer.from('{}') })))).toBe(401);
  expect(await send(bearer(await own.issue(ANN, get)))).toBe(200);
});

test("a user's access token opens nothing behind the gateway", async ({ api }) => {
  const headers = await authorization(api.config, 'bob@example.com');
  const answer = await fetch(inject('serviceUrl') + URL, { headers });
  expect(answer.status).toBe(401);
});

test('a token says who, what and for how long, and no more', async () => {
  const token = await new ServiceTokens(inject('serviceKey')).issue(ANN, { method: 'GET', target: URL, body: NOTHING });
  const claims: JWTPayload = decodeJwt(token);
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'service+jwt' });
  expect(Object.keys(claims).toSorted()).toEqual([
    'aud',
    'digest',
    'exp',
    'iat',
    'iss',
    'method',
    'nbf',
    'sub',
    'target',
  ]);
  expect(claims).toMatchObject({ aud: 'scaffold-sample-service', iss: 'scaffold-sample', sub: ANN, method: 'GET' });
  expect(Number(claims.exp) - Number(claims.iat)).toBeLessThanOrEqual(60);
});

test.for(['.', '..', String.raw`x\..\..\items`, '#', 'x;/..'])('no item is called %s', async (id, { api }) => {
  const kept = await api.post(URL, { title: 'Kept' });
  expect(kept.status).toBe(201);
  expect((await api.send('DELETE', `${URL}/${id}`)).status).toBe(404);
  expect((await api.get(URL)).json['items']).toHaveLength(1);
});

test('what the client says of itself goes no further', async () => {
  const seen: IncomingMessage[] = [];
  const url = await stand((req, res) => {
    seen.push(req);
    res.writeHead(200, { 'Content-Type': 'application/json', 'Set-Cookie': 'a=b', Server: 'x' }).end('{}');
  });
  const answer = await serviceAt(url).answer(ANN, message('GET', '?limit=1'));
  expect(answer.headers).toEqual({ 'content-type': 'application/json' });
  expect(seen[0]?.url).toBe(`${URL}?limit=1`);
  expect(seen[0]?.headers).toMatchObject({ 'x-request-id': 'abc-12345678' });
  expect(seen[0]?.headers).not.toHaveProperty('cookie');
});

test('the body arrives as it was sent', async () => {
  const raw = Buffer.from('{ "title" :\n"\\u00fc"}');
  let body = NOTHING;
  const url = await stand(async (req, res) => {
    body = await buffer(req);
    res.writeHead(201, { Location: `${URL}/1` }).end('{}');
  });
  const answer = await serviceAt(url).answer(ANN, message('POST', '', raw));
  expect(answer).toMatchObject({ status: 201, headers: { location: `${URL}/1` } });
  expect(body).toEqual(raw);
});

test.each([
  ['refuses our token', 401],
  ['leads elsewhere', 302],
])('a service that %s is an outage', async (_what, status) => {
  const url = await stand((req, res) => {
    if (req.url === '/elsewhere') res.writeHead(200).end();
    else res.writeHead(status, { Location: '/elsewhere' }).end();
  });
  await expect(serviceAt(url).answer(ANN, message('GET'))).rejects.toMatchObject({ status: 503 });
});

test('a service that is away is an outage, and an account stays until its items are gone', async () => {
  const away = serviceAt('http://127.0.0.1:1');
  await expect(away.answer(ANN, message('GET'))).rejects.toMatchObject({ status: 503 });
  await expect(away.forget(ANN, message('DELETE'))).rejects.toMatchObject({ status: 503 });
});

test('items go with their account', async ({ api }) => {
  const headers = await authorization(api.config, 'ann@example.com');
  expect((await api.post(URL, { title: 'Mine' }, headers)).status).toBe(201);
  expect((await api.send('DELETE', '/v1/me', { headers })).status).toBe(204);
  const { sub = '' } = decodeJwt(headers.Authorization.slice('Bearer '.length));
  const token = await new ServiceTokens(inject('serviceKey')).issue(sub, { method: 'GET', target: URL, body: NOTHING });
  const left = await fetch(inject('serviceUrl') + URL, { headers: bearer(token) });
  expect(await left.json()).toEqual({ items: [], next_cursor: null });
});

test.each([
  ['SERVICE_URL', ''],
  ['SERVICE_URL', 'ftp://127.0.0.1'],
  ['SERVICE_URL', 'http://127.0.0.1/path'],
  ['SERVICE_PRIVATE_KEY', ''],
  ['SERVICE_PRIVATE_KEY', 'a password'],
  ['SERVICE_PRIVATE_KEY', newKey('P-384')],
])('%s=%.20s stops the start', (name, value) => {
  const good = loadConfig({});
  const config = { ...good, SERVICE_URL: 'http://127.0.0.1:1', SERVICE_PRIVATE_KEY: newKey('P-256'), [name]: value };
  expect(() => new ItemService(config)).toThrow(`${name}: `);
});

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

function serviceAt(url: string): ItemService {
  return new ItemService({ ...loadConfig({}), SERVICE_URL: url, SERVICE_PRIVATE_KEY: newKey('P-256') });
}

function newKey(namedCurve: string): string {
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function stand(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
