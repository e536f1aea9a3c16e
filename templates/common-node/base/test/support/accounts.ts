/** Accounts for tests: made beside the service, or the way a person makes them. */

import { readdirSync, readFileSync } from 'node:fs';

import { expect } from 'vitest';

import { saveUser } from '../../src/auth/commands.ts';
import { ARGON2 } from '../../src/auth/passwords.ts';
import type { Config } from '../../src/core/config.ts';
import type { Answer, TestService } from './service.ts';

export const PASSWORD = 'violet umbrella parade';

/** What a hash takes in production: it is made to be slow, and would be most of what the tests take. */
export const FLOOR = { ...ARGON2 };
Object.assign(ARGON2, { memoryCost: 8, timeCost: 1 });

/** What signs a request in; the user is made first. */
export async function authorization(config: Config, email: string): Promise<{ Authorization: string }> {
  const token = await saveUser(config, { email, password: PASSWORD, role: 'user' });
  return { Authorization: `Bearer ${token}` };
}

/** The texts mailed to an address, oldest first. */
export function mails(to: string): string[] {
  const names = readdirSync('var/mail').toSorted();
  return names.map((name) => readFileSync(`var/mail/${name}`, 'utf8')).filter((mail) => mail.includes(`\nTo: ${to}\n`));
}

/** The token of the newest mail to an address. */
export async function mailedToken(to: string, { after = 0 } = {}): Promise<string> {
  await expect.poll(() => mails(to).length).toBeGreaterThan(after);
  return /#token=([\w-]{43})/.exec(mails(to).at(-1) ?? '')?.[1] ?? '';
}

export async function register(service: TestService, email: string, password: string | null = PASSWORD): Promise<void> {
  const answer = await service.post('/v1/auth/register', { email, password });
  expect(answer).toMatchObject({ status: 202, json: { status: 'accepted' } });
}

export async function verify(service: TestService, token: string, password = PASSWORD): Promise<number> {
  return (await service.post('/v1/auth/verify-email', { token, password })).status;
}

export async function login(service: TestService, email: string, password = PASSWORD): Promise<number> {
  return (await service.post('/v1/auth/login', { email, password })).status;
}

/** What a browser holds of a session. */
export interface Session {
  accessToken: string;
  refreshToken: string;
  headers: { Authorization: string };
  cookie: { Cookie: string };
}

export function sessionOf({ json, headers }: Answer): Session {
  const accessToken = String(json['access_token']);
  const refreshToken = /^refresh=([\w-]{43});/.exec(headers['set-cookie']?.[0] ?? '')?.[1] ?? '';
  const cookie = { Cookie: `refresh=${refreshToken}` };
  return { accessToken, refreshToken, headers: { Authorization: `Bearer ${accessToken}` }, cookie };
}

export async function signUp(service: TestService, email: string, password = PASSWORD): Promise<void> {
  await register(service, email, password);
  expect(await verify(service, await mailedToken(email), password)).toBe(204);
}

/** A session of an account that is there. */
export async function signIn(service: TestService, email: string, password = PASSWORD): Promise<Session> {
  const answer = await service.post('/v1/auth/login', { email, password });
  expect(answer.status).toBe(200);
  return sessionOf(answer);
}

/** A session of a new account. */
export async function signUpAndIn(service: TestService, email: string, password = PASSWORD): Promise<Session> {
  await signUp(service, email, password);
  return signIn(service, email, password);
}

export async function refresh(service: TestService, session: Session): Promise<Answer> {
  return service.post('/v1/auth/refresh', {}, session.cookie);
}

export async function isAlive(service: TestService, session: Session): Promise<boolean> {
  return (await service.get('/v1/me', session.headers)).status === 200;
}
