import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';

import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from 'jose';
import { expect } from 'vitest';

import { AccessTokens, InvalidTokenError, keyId, loadKeys, newKey } from '../../src/auth/tokens.ts';
import { loadConfig } from '../../src/core/config.ts';
import { signUpAndIn } from '../support/accounts.ts';
import { test } from '../support/service.ts';

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const ISSUER = 'https://api.example.com';
const CURRENT = createPrivateKey(newKey());
const EARLIER = generateKeyPairSync('ed25519').privateKey;

function tokensOf(...keys: KeyObject[]): AccessTokens {
  return new AccessTokens(loadConfig({ PUBLIC_URL: ISSUER, JWT_PRIVATE_KEYS: keys.map(pem).join('') }));
}

const TOKENS = tokensOf(CURRENT, EARLIER);
const NOW = Math.floor(Date.now() / 1000);

function issue(tokens = TOKENS): Promise<string> {
  return tokens.issue({ userId: randomUUID(), sessionId: randomUUID(), authTime: NOW, latest: NOW + 24 * 3600 });
}

const GOOD = await issue();

/** Signed with the right key; differs from a good one in what is given. Undefined leaves a claim out. */
function forge(claims: Record<string, unknown>, header: object = {}): Promise<string> {
  const all = { alg: 'ES256', typ: 'at+jwt', kid: keyId(CURRENT), ...header } as JWTHeaderParameters;
  return new SignJWT({ ...decodeJwt(GOOD), ...claims }).setProtectedHeader(all).sign(CURRENT, { crit: { exp: true } });
}

test('shape', async () => {
  expect(decodeProtectedHeader(GOOD)).toEqual({ typ: 'at+jwt', alg: 'ES256', kid: keyId(CURRENT) });
  const claims = decodeJwt(GOOD);
  const required = ['iss', 'aud', 'sub', 'iat', 'nbf', 'exp', 'jti', 'sid', 'auth_time', 'amr', 'acr'];
  expect(Object.keys(claims).toSorted()).toEqual(required.toSorted());
  expect(Number(claims.exp) - Number(claims.iat)).toBe(600);
  expect(await TOKENS.verify(GOOD)).toMatchObject({ userId: claims.sub, sessionId: claims['sid'], authTime: NOW });
});

test('no token outlives its session', async () => {
  const token = await TOKENS.issue({ userId: randomUUID(), sessionId: randomUUID(), authTime: NOW, latest: NOW + 5 });
  expect(decodeJwt(token).exp).toBe(NOW + 5);
});

test('an earlier key still verifies', async () => {
  const token = await issue(tokensOf(EARLIER));
  expect(decodeProtectedHeader(token).alg).toBe('EdDSA');
  expect(await TOKENS.verify(token)).toBeDefined();
  const { keys } = TOKENS.jwks();
  expect(keys.map(({ kid }) => kid)).toEqual([keyId(CURRENT), keyId(EARLIER)]);
  expect(keys.flatMap((key) => Object.keys(key))).not.toContain('d');
});

test('forged with nothing changed it is good', async () => {
  expect(await TOKENS.verify(await forge({}))).toBeDefined();
});

test.each<[string, Record<string, unknown>, object?]>([
  ['over', { exp: NOW - 1 }],
  ['not yet', { nbf: NOW + 3600 }],
  ['issued in the future', { iat: NOW + 3600, exp: NOW + 4000 }],
  ['exp as text', { exp: String(NOW + 500) }],
  ['exp as a fraction', { exp: NOW + 500.5 }],
  ['exp out of range', { exp: 1e20 }],
  ['too long', { exp: NOW + 24 * 3600 }],
  ['another issuer', { iss: 'https://other.example' }],
  ['another audience', { aud: 'https://other.example' }],
  ['several audiences', { aud: [ISSUER] }],
  ['no user id', { sub: 'root' }],
  ['no session id', { sid: null }],
  ...['exp', 'iat', 'nbf', 'iss', 'aud', 'sub', 'sid', 'jti', 'auth_time'].map(
    (name) => [`without ${name}`, { [name]: undefined }] as [string, Record<string, unknown>],
  ),
  ['another type', {}, { typ: 'JWT' }],
  ['without a type', {}, { typ: undefined }],
  ['an unknown key', {}, { kid: '../../dev/null' }],
  ['another of the keys', {}, { kid: keyId(EARLIER) }],
  ['an unknown extension', {}, { crit: ['exp'], exp: NOW }],
])('%s: refused', async (_, claims, header) => {
  const token = await forge(claims, header);
  await expect(TOKENS.verify(token)).rejects.toThrow(InvalidTokenError);
});

const [HEADER, PAYLOAD] = GOOD.split('.');

test.each([
  `${GOOD.slice(0, -8)}AAAAAAAA`,
  `${HEADER}.${PAYLOAD}.`,
  `${GOOD}.${'A'.repeat(5000)}`,
  new UnsecuredJWT(decodeJwt(GOOD)).encode(),
  'a.b.c',
  '',
])('%.20s… is no token', async (token) => {
  await expect(TOKENS.verify(token)).rejects.toThrow(InvalidTokenError);
});

test('a public key is no shared secret', async () => {
  const secret = Buffer.from(TOKENS.jwks().keys[0]?.x ?? '');
  const header = { alg: 'HS256', typ: 'at+jwt', kid: keyId(CURRENT) };
  const token = await new SignJWT(decodeJwt(GOOD)).setProtectedHeader(header).sign(secret);
  await expect(TOKENS.verify(token)).rejects.toThrow(InvalidTokenError);
});

test.each([
  ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
])('%s keys are refused', (_, key) => {
  expect(() => loadKeys(pem(key))).toThrow('P-256');
});

test('where a token counts, and where its key is published', async ({ service }) => {
  const { accessToken, refreshToken } = await signUpAndIn(service, 'ann@example.com');
  const url = '/v1/me';
  expect(await service.get(url)).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  const bad = await service.get(url, { Authorization: 'Bearer bad' });
  expect(bad.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  expect((await service.get(url, { Authorization: `bearer ${accessToken}` })).status).toBe(200);
  for (const headers of [
    { Authorization: `Basic ${accessToken}` },
    { Authorization: [`Bearer ${accessToken}`, `Bearer ${accessToken}`] },
    { Authorization: `Bearer ${refreshToken}` },
    { Cookie: `refresh=${refreshToken}` },
    { Cookie: `access_token=${accessToken}` },
  ]) {
    expect((await service.get(url, headers)).status).toBe(401);
  }
  const published = await service.get('/.well-known/jwks.json');
  expect(published.status).toBe(200);
  expect(published.json['keys']).toHaveLength(1);
});
