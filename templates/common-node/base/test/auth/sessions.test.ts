import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, expect, vi } from 'vitest';

import {
  isAlive,
  login,
  mailedToken,
  PASSWORD,
  refresh,
  type Session,
  sessionOf,
  signIn,
  signUp,
  signUpAndIn,
} from '../support/accounts.ts';
import { startService, test } from '../support/service.ts';

const ADDRESS = 'ann@example.com';
const HOUR = 3600 * 1000;
const CLEARED = 'refresh=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0';

afterEach(() => {
  vi.useRealTimers();
});

/** Only the calendar moves; timers go on. */
function travel(time: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: time });
}

test('the answer of a login', async ({ service }) => {
  await signUp(service, ADDRESS);
  const answer = await service.post('/v1/auth/login', { email: ADDRESS, password: PASSWORD });
  expect(Object.keys(answer.json)).toEqual(['access_token', 'token_type', 'expires_in', 'user']);
  expect(Object.keys(answer.json['user'] as object)).toEqual(['id', 'email', 'role']);
  const { refreshToken } = sessionOf(answer);
  expect(answer.headers['set-cookie']).toEqual([
    `refresh=${refreshToken}; Path=/; HttpOnly; SameSite=Strict; Max-Age=86400`,
  ]);
  expect(answer.text).not.toContain(refreshToken);
});

test('unknown and wrong are refused alike', async ({ service }) => {
  await signUp(service, ADDRESS);
  await service.post('/v1/auth/register', { email: 'new@example.com', password: PASSWORD });
  for (const email of [ADDRESS, 'new@example.com', 'nobody@example.com', 'admin']) {
    const answer = await service.post('/v1/auth/login', { email, password: 'wrong' });
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(answer.json).toEqual({
      type: '/problems/invalid-credentials',
      title: 'The credentials are not valid',
      status: 401,
      request_id: answer.headers['x-request-id'],
    });
  }
});

test('a login ends the session it replaces', async ({ service }) => {
  const old = await signUpAndIn(service, ADDRESS);
  const answer = await service.post('/v1/auth/login', { email: ADDRESS, password: PASSWORD }, old.cookie);
  expect(answer.status).toBe(200);
  expect(await isAlive(service, old)).toBe(false);
  expect((await refresh(service, old)).status).toBe(401);
});

test('rotation, and the end of a session whose token comes twice', async () => {
  const service = await startService({ REFRESH_GRACE_SECONDS: '0' });
  const first = await signUpAndIn(service, ADDRESS);
  const second = sessionOf(await refresh(service, first));
  expect(second.refreshToken).not.toBe(first.refreshToken);
  const third = sessionOf(await refresh(service, second));
  expect((await refresh(service, first)).status).toBe(401);
  expect((await refresh(service, third)).status).toBe(401);
  expect(await isAlive(service, third)).toBe(false);
});

test('two tabs at once keep the session', async ({ service }) => {
  const first = await signUpAndIn(service, ADDRESS);
  const second = sessionOf(await refresh(service, first));
  expect((await refresh(service, first)).status).toBe(409);
  expect(await isAlive(service, second)).toBe(true);
});

test('of many refreshes at once one gets a token', async ({ service }) => {
  const session = await signUpAndIn(service, ADDRESS);
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(service, session)));
  const count = (wanted: number): number => answers.filter(({ status }) => status === wanted).length;
  expect([count(200), count(409)]).toEqual([1, 7]);
});

test.for([{}, { Cookie: 'refresh=garbage' }, { Cookie: 'other=1; refresh=' }])(
  'a refused refresh clears the cookie: %o',
  async (headers, { service }) => {
    const answer = await service.post('/v1/auth/refresh', {}, headers);
    expect(answer).toMatchObject({ status: 401, headers: { 'set-cookie': [CLEARED] } });
  },
);

test('a session ends when it is not used, and after a month whatever happens', async ({ service }) => {
  const start = Date.now();
  const idle = await signUpAndIn(service, ADDRESS);
  travel(start + 24 * HOUR + 60_000);
  expect((await refresh(service, idle)).status).toBe(401);
  travel(start);
  let session: Session = await signIn(service, ADDRESS);
  for (let day = 0.5; day < 30; day += 0.5) {
    travel(start + day * 24 * HOUR);
    session = sessionOf(await refresh(service, session));
    expect(session.refreshToken).not.toBe('');
  }
  travel(start + 30 * 24 * HOUR + 60_000);
  expect((await refresh(service, session)).status).toBe(401);
});

test('logout', async ({ service }) => {
  const session = await signUpAndIn(service, ADDRESS);
  for (let time = 0; time < 2; time += 1) {
    expect(await service.post('/v1/auth/logout', {}, session.cookie)).toMatchObject({
      status: 204,
      headers: { 'clear-site-data': '"cache", "storage"', 'set-cookie': [CLEARED] },
    });
  }
  expect(await isAlive(service, session)).toBe(false);
  expect((await refresh(service, session)).status).toBe(401);
  const other = await signIn(service, ADDRESS);
  expect((await service.post('/v1/auth/logout', {}, other.headers)).status).toBe(204);
  expect((await refresh(service, other)).status).toBe(401);
});

test('a session is seen, and ended, by its owner only', async ({ service }) => {
  const url = '/v1/me/sessions';
  expect((await service.get(url)).status).toBe(401);
  expect((await service.send('DELETE', url)).status).toBe(401);
  const stranger = await signUpAndIn(service, 'bob@example.com');
  const mine = await signUpAndIn(service, ADDRESS);
  const other = await signIn(service, ADDRESS);
  const third = await signIn(service, ADDRESS);
  const list = async ({ headers }: Session) =>
    (await service.get(url, headers)).json['items'] as { id: string; current: boolean }[];
  const end = async (path: string) => (await service.send('DELETE', path, { headers: mine.headers })).status;
  const alive = (...sessions: Session[]) => Promise.all(sessions.map((one) => isAlive(service, one)));
  const listed = await list(mine);
  expect(listed.map(({ current }) => current)).toEqual([false, false, true]);
  expect(await end(`${url}/${(await list(stranger))[0]?.id}`)).toBe(404);
  expect(await end(`${url}/${listed[0]?.id}`)).toBe(204);
  expect(await alive(mine, other, third)).toEqual([true, true, false]);
  expect(await end(url)).toBe(204);
  expect(await alive(mine, other, stranger)).toEqual([true, false, true]);
});

test('one session too many ends the oldest', async () => {
  const service = await startService({ MAX_SESSIONS: '2' });
  const oldest = await signUpAndIn(service, ADDRESS);
  const newer = [await signIn(service, ADDRESS), await signIn(service, ADDRESS)];
  expect((await refresh(service, oldest)).status).toBe(401);
  for (const session of newer) expect(await isAlive(service, session)).toBe(true);
});

test('step-up', async ({ service }) => {
  const url = '/v1/auth/reauth';
  expect((await service.post(url, { password: PASSWORD })).status).toBe(401);
  const start = Date.now();
  const session = await signUpAndIn(service, ADDRESS);
  travel(start + 9 * 60_000);
  const refreshed = sessionOf(await refresh(service, session));
  travel(start + 11 * 60_000);
  const { headers } = refreshed;
  for (const [method, path, json] of [
    ['DELETE', '/v1/me'],
    ['PUT', '/v1/me/email', { new_email: 'new@example.com' }],
    ['DELETE', '/v1/me/sessions'],
    ['DELETE', '/v1/me/sessions/00000000-0000-4000-8000-000000000000'],
  ] as const) {
    expect(await service.send(method, path, { json, headers })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication", max_age=600' },
    });
  }
  expect((await service.post(url, { password: 'wrong' }, headers)).status).toBe(401);
  const fresh = sessionOf(await service.post(url, { password: PASSWORD }, headers));
  expect((await service.send('DELETE', '/v1/me/sessions', { headers: fresh.headers })).status).toBe(204);
  expect((await refresh(service, refreshed)).status).toBe(401);
  expect((await refresh(service, fresh)).status).toBe(200);
});
// <% if .native %>

test('an app gets its refresh token in the body, a browser never', async ({ service }) => {
  const { refreshToken: cookie } = await signUpAndIn(service, ADDRESS);
  const body = { email: ADDRESS, password: PASSWORD, transport: 'body' };
  expect((await service.post('/v1/auth/login', body, { Origin: 'http://localhost:3000' })).status).toBe(403);
  const answer = await service.post('/v1/auth/login', body);
  expect(answer.headers).not.toHaveProperty('set-cookie');
  const first = answer.json['refresh_token'];
  const url = '/v1/auth/refresh';
  expect((await service.post(url, { refresh_token: cookie })).status).toBe(401);
  expect((await service.post(url, {}, { Cookie: `refresh=${String(first)}` })).status).toBe(401);
  const renewed = await service.post(url, { refresh_token: first });
  expect(renewed.status).toBe(200);
  expect(renewed.headers).not.toHaveProperty('set-cookie');
  const second = renewed.json['refresh_token'];
  expect((await service.post('/v1/auth/logout', { refresh_token: second })).status).toBe(204);
  expect((await service.post(url, { refresh_token: second })).status).toBe(401);
});
// <% end %>

test('guessing is slowed down for each address', async ({ service }) => {
  await signUp(service, ADDRESS);
  for (const email of [ADDRESS, 'nobody@example.com']) {
    const statuses = [];
    for (let time = 0; time < 6; time += 1) statuses.push(await login(service, email, 'wrong'));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect(await login(service, email)).toBe(429);
  }
  await sleep(1100);
  expect(await login(service, 'Ann@example.com')).toBe(200);
});

test('an account is closed to guesses until a reset', async () => {
  const service = await startService({ LOCKOUT_CEILING: '3' });
  await signUp(service, ADDRESS);
  for (let time = 0; time < 3; time += 1) expect(await login(service, ADDRESS, 'wrong')).toBe(401);
  expect(await login(service, ADDRESS)).toBe(401);
  await service.post('/v1/auth/password/forgot', { email: ADDRESS });
  const body = { token: await mailedToken(ADDRESS, { after: 1 }), new_password: PASSWORD };
  expect((await service.post('/v1/auth/password/reset', body)).status).toBe(204);
  expect(await login(service, ADDRESS)).toBe(200);
});
