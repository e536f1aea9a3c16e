import { Readable } from 'node:stream';

import { decodeJwt } from 'jose';
import { afterEach, expect, vi } from 'vitest';

import { createAdmin } from '../../src/auth/commands.ts';
import { may } from '../../src/auth/permissions.ts';
import { normalForm } from '../../src/auth/schemas.ts';
import type { Config } from '../../src/core/config.ts';
import { openDatabase } from '../../src/core/db.ts';
import { seed } from '../../src/seed.ts';
import {
  isAlive,
  login,
  mailedToken,
  mails,
  PASSWORD,
  register,
  signUp,
  signUpAndIn,
  verify,
} from '../support/accounts.ts';
import { test } from '../support/service.ts';

const OLD = 'ann@example.com';
const NEW = 'ann@new.example.com';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('a new account is active only once verified', async ({ service }) => {
  await register(service, OLD);
  const token = await mailedToken(OLD);
  expect(await login(service, OLD)).toBe(401);
  expect(await verify(service, token, 'some other password')).toBe(401);
  expect(await verify(service, token)).toBe(204);
  expect(await verify(service, token)).toBe(401);
  expect(await login(service, OLD)).toBe(200);
});

test('no answer tells whether an address is known', async ({ service }) => {
  await signUp(service, OLD);
  const known = await service.post('/v1/auth/register', { email: OLD, password: PASSWORD });
  const fresh = await service.post('/v1/auth/register', { email: 'fresh@example.com', password: PASSWORD });
  expect([known.status, known.text]).toEqual([fresh.status, fresh.text]);
  expect(Object.keys(known.headers)).toEqual(Object.keys(fresh.headers));
  await mailedToken('fresh@example.com');
  expect(mails('fresh@example.com').at(-1)).not.toContain('already have an account');
  await expect.poll(() => mails(OLD)).toHaveLength(2);
  expect(mails(OLD).at(-1)).not.toContain('token=');
});

test('a stranger who registers first does not get the account', async ({ service }) => {
  const [stranger, owner] = ['password of the stranger', 'password of the owner'];
  await register(service, OLD, stranger);
  const first = await mailedToken(OLD);
  await register(service, OLD, owner);
  const second = await mailedToken(OLD, { after: 1 });
  expect(await verify(service, first, owner)).toBe(401);
  expect(await verify(service, first, stranger)).toBe(401);
  expect(await verify(service, second, stranger)).toBe(401);
  expect(await verify(service, second, owner)).toBe(204);
  expect([await login(service, OLD, stranger), await login(service, OLD, owner)]).toEqual([401, 200]);
});

test('a password may be chosen when verifying', async ({ service }) => {
  await register(service, OLD, null);
  const token = await mailedToken(OLD);
  expect(await verify(service, token, 'too short')).toBe(422);
  expect(await verify(service, token)).toBe(204);
  expect(await login(service, OLD)).toBe(200);
});

test('a link sent again kills the older', async ({ service }) => {
  await register(service, OLD);
  const old = await mailedToken(OLD);
  for (const email of [OLD, 'nobody@example.com']) {
    const answer = await service.post('/v1/auth/verify-email/resend', { email });
    expect(answer).toMatchObject({ status: 202, json: { status: 'accepted' } });
  }
  const fresh = await mailedToken(OLD, { after: 1 });
  expect(mails('nobody@example.com')).toEqual([]);
  expect(await verify(service, old)).toBe(401);
  expect(await verify(service, fresh)).toBe(204);
});

test('a link expires', async ({ service }) => {
  await register(service, OLD);
  const token = await mailedToken(OLD);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3600 * 1000 });
  expect(await verify(service, token)).toBe(401);
});

test.each(['Foo@Ex.test', ' foo@EX.test', '\uff46oo@ex.test', '\u24d5oo@ex.test', 'foo@\uff45x.test'])(
  '%j is a spelling of foo@ex.test',
  (address) => {
    expect(normalForm(address)).toBe('foo@ex.test');
  },
);

test.for([
  'a@example.com,b@example.com',
  'a@example.com\r\nBcc: b@example.com',
  'Ann <ann@example.com>',
  '"a b"@example.com',
  'ann@localhost',
  'ann@example.com.',
  'ann@[127.0.0.1]',
  'ann@127.0.0.1',
  'ann.@example.com',
  'ann',
  `${'a'.repeat(65)}@example.com`,
  `a@${'b.'.repeat(130)}com`,
])('%j is no address', async (email, { service }) => {
  const answer = await service.post('/v1/auth/register', { email, password: PASSWORD });
  expect(answer).toMatchObject({ status: 422, json: { errors: [{ pointer: '/email' }] } });
});

test('a name is text in the mail and in the mailbox', async ({ service }) => {
  const name = '{{7*7}}${7*7}<b>{link}';
  await service.post('/v1/auth/register', { email: OLD, password: PASSWORD, name });
  await mailedToken(OLD);
  expect(mails(OLD).at(-1)).toContain(`\n\nHello ${name},\n`);
  const mailbox = await service.get('/dev/mailbox', { Accept: 'text/html' });
  expect(mailbox).toMatchObject({ status: 200, text: expect.stringContaining('&#60;b&#62;') });
  expect(mailbox.text).not.toContain('<b>');
});

test.for(['role', 'is_admin', 'verified_at', 'id'])('%s cannot be registered', async (member, { service }) => {
  const answer = await service.post('/v1/auth/register', { email: OLD, password: PASSWORD, [member]: 'admin' });
  expect(answer).toMatchObject({ status: 422, json: { errors: [{ pointer: `/${member}` }] } });
});

test('me', async ({ service }) => {
  const url = '/v1/me';
  for (const [method, json] of [['GET'], ['PATCH', { name: 'Ann' }], ['DELETE']] as const) {
    expect((await service.send(method, url, { json })).status).toBe(401);
  }
  const { headers } = await signUpAndIn(service, OLD);
  const { json: me } = await service.get(url, headers);
  expect(Object.keys(me).toSorted()).toEqual(['created_at', 'email', 'id', 'name', 'role']);
  const renamed = await service.send('PATCH', url, { json: { name: 'Ann Ω' }, headers });
  expect(renamed).toMatchObject({ status: 200, json: { ...me, name: 'Ann Ω' } });
  for (const json of [{ role: 'admin' }, { name: 'A\r\nB' }, { name: 1 }, {}]) {
    expect((await service.send('PATCH', url, { json, headers })).status).toBe(422);
  }
});

test('delete', async ({ service }) => {
  const session = await signUpAndIn(service, OLD);
  expect((await service.send('DELETE', '/v1/me', { headers: session.headers })).status).toBe(204);
  expect(await isAlive(service, session)).toBe(false);
  expect(await login(service, OLD)).toBe(401);
});

test('another address, once it is confirmed', async ({ service }) => {
  const url = '/v1/me/email/confirm';
  expect((await service.send('PUT', '/v1/me/email', { json: { new_email: NEW } })).status).toBe(401);
  expect((await service.post(url, { token: 'x' })).status).toBe(401);
  const { headers, accessToken } = await signUpAndIn(service, OLD);
  const stranger = await signUpAndIn(service, 'bob@example.com');
  expect((await service.send('PUT', '/v1/me/email', { json: { new_email: NEW }, headers })).status).toBe(202);
  const token = await mailedToken(NEW);
  await expect.poll(() => mails(OLD).at(-1)).toContain('another address');
  expect([await login(service, OLD), await login(service, NEW)]).toEqual([200, 401]);
  expect((await service.post(url, { token }, stranger.headers)).status).toBe(401);
  expect((await service.post(url, { token }, headers)).status).toBe(204);
  expect((await service.post(url, { token }, headers)).status).toBe(401);
  expect([await login(service, OLD), await login(service, NEW)]).toEqual([401, 200]);
  expect((await service.get('/v1/me', headers)).json['id']).toBe(decodeJwt(accessToken).sub);
});

test('the address of somebody else cannot be taken', async ({ service }) => {
  const { headers } = await signUpAndIn(service, OLD);
  const ask = async () => (await service.send('PUT', '/v1/me/email', { json: { new_email: NEW }, headers })).status;
  expect(await ask()).toBe(202);
  const token = await mailedToken(NEW);
  await register(service, NEW);
  expect(await verify(service, await mailedToken(NEW, { after: 1 }))).toBe(204);
  expect((await service.post('/v1/me/email/confirm', { token }, headers)).status).toBe(409);
  expect(await ask()).toBe(202);
  await expect.poll(() => mails(NEW)).toHaveLength(3);
  expect(mails(NEW).at(-1)).not.toContain('token=');
});

test('an address that somebody only claimed gives way', async ({ service }) => {
  const { headers } = await signUpAndIn(service, OLD);
  await register(service, NEW, 'password of the stranger');
  await mailedToken(NEW);
  await service.send('PUT', '/v1/me/email', { json: { new_email: NEW }, headers });
  const token = await mailedToken(NEW, { after: 1 });
  expect((await service.post('/v1/me/email/confirm', { token }, headers)).status).toBe(204);
  expect(await login(service, NEW)).toBe(200);
});

test('roles have only what is listed', () => {
  const principal = { userId: '', sessionId: '', authTime: 0 };
  expect(may({ ...principal, role: 'user' }, 'own-data')).toBe(true);
  expect(may({ ...principal, role: 'user' }, 'administer')).toBe(false);
  expect(may({ ...principal, role: 'admin' }, 'administer')).toBe(true);
});

test('an account that is disabled is out at once', async ({ service }) => {
  const session = await signUpAndIn(service, OLD);
  const db = await openDatabase(service.config.DATABASE_URL);
  await db.kysely.updateTable('users').set({ disabled_at: new Date().toISOString() }).execute();
  await db.close();
  await expect.poll(() => isAlive(service, session), { timeout: 3000 }).toBe(false);
  expect(await login(service, OLD)).toBe(401);
});

/** With this line on its standard input. */
async function runCreateAdmin(config: Config, email: string, line: string): Promise<string> {
  const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([`${line}\n`]) as typeof process.stdin);
  await createAdmin(config, email);
  process.exitCode = undefined;
  vi.restoreAllMocks();
  return errors.mock.calls.join('');
}

test('create-admin', async ({ service }) => {
  expect(await runCreateAdmin(service.config, OLD, 'short')).toMatch(/^create-admin: the password: /);
  expect(await runCreateAdmin(service.config, 'nobody', PASSWORD)).toMatch(/^create-admin: "nobody" /);
  expect(await runCreateAdmin(service.config, OLD, PASSWORD)).toBe('');
  const answer = await service.post('/v1/auth/login', { email: OLD, password: PASSWORD });
  expect(answer.json['user']).toMatchObject({ role: 'admin' });
});

test('seed', async ({ service }) => {
  const output = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await seed(service.config);
  const token = /Bearer (\S+)"/.exec(output.mock.calls.join(''))?.[1];
  vi.restoreAllMocks();
  expect((await service.get('/v1/items', { Authorization: `Bearer ${token}` })).status).toBe(200);
});
