import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

import { expect, onTestFinished, vi } from 'vitest';

import { ARGON2, AT_ONCE, Hasher } from '../../src/auth/passwords.ts';
import { isBreached, PasswordPolicy } from '../../src/auth/password-policy.ts';
import {
  FLOOR,
  isAlive,
  login,
  mailedToken,
  mails,
  PASSWORD,
  refresh,
  signIn,
  signUp,
  signUpAndIn,
} from '../support/accounts.ts';
import { startService, test } from '../support/service.ts';

const ADDRESS = 'ann@example.com';
const OTHER = 'a quite different one';
const POLICY = new PasswordPolicy(15, ['corner-shop', 'api.example.com']);
const BLOCKLIST = new URL('../../assets/passwords.txt', import.meta.url);
const COMMON = readFileSync(BLOCKLIST, 'utf8').trim().split('\n');

test.each(['x', '5', ' ', 'é', '🦊'])('of %s the length counts, in characters, and nothing else', (char) => {
  for (const length of [15, 64, 128]) {
    expect(POLICY.lengthError(char.repeat(length))).toBeUndefined();
    expect(POLICY.weakness(`qwv zkx ${char.repeat(length)}`, [])).toBeUndefined();
  }
  expect(POLICY.lengthError(char.repeat(14))).toBe('must have at least 15 characters');
  expect(POLICY.lengthError(char.repeat(129))).toBe('must have at most 128 characters');
});

test('common passwords are blocked in any case', () => {
  expect(COMMON.filter((entry) => entry.length >= 15).length).toBeGreaterThanOrEqual(3000);
  for (const entry of COMMON.filter((_, index) => index % 500 === 0)) {
    expect(POLICY.weakness(entry, [])).toBeDefined();
    expect(POLICY.weakness(entry.toUpperCase(), [])).toBeDefined();
  }
});

test.each(['cornercornercorner', 'Corner-Shop!!!!!', 'ann.smith-123456', 'SMITHsmithSMITH', 'examplexample123'])(
  '%s is little more than known words',
  (password) => {
    expect(POLICY.weakness(password, ['ann.smith'])).toBeDefined();
  },
);

test('known words in a longer phrase are fine', () => {
  expect(POLICY.weakness('smith rides a purple horse', ['ann.smith'])).toBeUndefined();
});

test('a refusal names the member and the reason', async ({ service }) => {
  const answer = await service.post('/v1/auth/register', { email: ADDRESS, password: COMMON[0] });
  expect(answer).toMatchObject({
    status: 422,
    json: { type: '/problems/password-blocked', errors: [{ pointer: '/password' }] },
  });
});

test('passwords are compared exactly', async ({ service }) => {
  const password = `${'Ab '.repeat(33)}x`;
  await signUp(service, ADDRESS, password);
  const others = [password.slice(0, 72), `${password.slice(0, -1)}y`, password.toLowerCase(), `${password} `];
  for (const other of others) expect(await login(service, ADDRESS, other)).toBe(401);
  expect(await login(service, ADDRESS, password)).toBe(200);
});

test('the same characters typed elsewhere match', async ({ service }) => {
  const password = 'crème brûlée à gogo';
  await signUp(service, ADDRESS, password.normalize('NFD'));
  expect(await login(service, ADDRESS, password.normalize('NFC'))).toBe(200);
});

test('hashes are Argon2id at the floor', async () => {
  const cheap = { ...ARGON2 };
  Object.assign(ARGON2, FLOOR);
  onTestFinished(() => void Object.assign(ARGON2, cheap));
  const hasher = new Hasher();
  const hash = await hasher.hash(PASSWORD);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(hasher.isOutdated(hash)).toBe(false);
  expect(hasher.isOutdated(hash.replace('t=2', 't=1'))).toBe(true);
});

test('hashing refuses what would wait too long', async () => {
  const hasher = new Hasher();
  const limit = AT_ONCE * 5;
  const tries = Array.from({ length: limit + 5 }, () => hasher.hash(PASSWORD));
  const refused = (await Promise.allSettled(tries)).filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(5);
  expect(refused[0]).toMatchObject({ reason: { status: 503, headers: { 'Retry-After': '1' } } });
});

test('breached passwords in a file', async () => {
  const passwords = Array.from({ length: 300 }, (_, number) => `password number ${number}`);
  const hashes = passwords.map((one) => createHash('sha1').update(one).digest('hex').toUpperCase()).toSorted();
  writeFileSync('hashes', hashes.map((hash) => `${hash}:3\r\n`).join(''));
  for (let number = -50; number < 350; number += 1) {
    expect(await isBreached(`password number ${number}`, 'hashes')).toBe(number >= 0 && number < 300);
  }
  const service = await startService({ PASSWORD_BREACH_CHECK: 'hashes' });
  const answer = await service.post('/v1/auth/register', { email: ADDRESS, password: 'password number 7' });
  expect(answer.json['detail']).toBe('This password is known from a breach.');
});

test('change', async ({ service }) => {
  const here = await signUpAndIn(service, ADDRESS);
  const there = await signIn(service, ADDRESS);
  const change = async (body: object, headers = {}): Promise<number> =>
    (await service.send('PUT', '/v1/me/password', { json: body, headers })).status;
  expect(await change({})).toBe(401);
  expect(await change({ new_password: OTHER }, here.headers)).toBe(422);
  expect(await change({ current_password: 'not the right one', new_password: OTHER }, here.headers)).toBe(403);
  expect(await change({ current_password: PASSWORD, new_password: OTHER }, here.headers)).toBe(204);
  expect([await isAlive(service, here), await isAlive(service, there)]).toEqual([true, false]);
  expect([await login(service, ADDRESS), await login(service, ADDRESS, OTHER)]).toEqual([401, 200]);
  await expect.poll(() => mails(ADDRESS).at(-1)).toContain('was changed');
});

test('reset', async ({ service }) => {
  const before = await signUpAndIn(service, ADDRESS);
  for (const email of [ADDRESS, 'nobody@example.com']) {
    const answer = await service.post('/v1/auth/password/forgot', { email });
    expect(answer).toMatchObject({ status: 202, json: { status: 'accepted' } });
  }
  const token = await mailedToken(ADDRESS, { after: 1 });
  expect(mails('nobody@example.com')).toEqual([]);
  const reset = async (password: string): Promise<number> =>
    (await service.post('/v1/auth/password/reset', { token, new_password: password })).status;
  expect(await reset('too short')).toBe(422);
  expect(await reset(OTHER)).toBe(204);
  expect(await reset('yet another password')).toBe(401);
  expect(await isAlive(service, before)).toBe(false);
  expect((await refresh(service, before)).status).toBe(401);
  expect(await login(service, ADDRESS, OTHER)).toBe(200);
});

test('a reset is not undone by a change that was under way', async ({ service }) => {
  const { headers } = await signUpAndIn(service, ADDRESS);
  await service.post('/v1/auth/password/forgot', { email: ADDRESS });
  const token = await mailedToken(ADDRESS, { after: 1 });
  const hash = vi.spyOn(Hasher.prototype, 'hash');
  onTestFinished(() => hash.mockRestore());
  let reset = 0;
  hash.mockImplementationOnce(async () => {
    reset = (await service.post('/v1/auth/password/reset', { token, new_password: OTHER })).status;
    return 'of the password of the intruder';
  });
  const json = { current_password: PASSWORD, new_password: 'password of the intruder' };
  const change = await service.send('PUT', '/v1/me/password', { json, headers });
  expect([reset, change.status]).toEqual([204, 403]);
  expect(await login(service, ADDRESS, OTHER)).toBe(200);
});

test('a newer reset link kills the older', async ({ service }) => {
  await signUp(service, ADDRESS);
  const tokens = [];
  for (const after of [1, 2]) {
    await service.post('/v1/auth/password/forgot', { email: ADDRESS });
    tokens.push(await mailedToken(ADDRESS, { after }));
  }
  const statuses = [];
  for (const token of tokens) {
    const answer = await service.post('/v1/auth/password/reset', { token, new_password: OTHER });
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([401, 204]);
});
