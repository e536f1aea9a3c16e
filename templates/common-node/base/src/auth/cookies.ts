/** The cookie of the refresh token: no script can read it, no other site can send it. */

import type { IncomingMessage } from 'node:http';

import { type Config, isProduction } from '../core/config.ts';

/** Browsers take the prefix and Secure on https only, which development does not have. */
function cookieName(config: Config): string {
  return isProduction(config) ? '__Host-refresh' : 'refresh';
}

/** The Set-Cookie field; without a value it clears the cookie. */
export function refreshCookie(config: Config, value = ''): string {
  const secure = isProduction(config) ? 'Secure; ' : '';
  const age = value === '' ? 0 : config.REFRESH_IDLE_TTL;
  return `${cookieName(config)}=${value}; Path=/; ${secure}HttpOnly; SameSite=Strict; Max-Age=${age}`;
}

export function presentedCookie(config: Config, req: IncomingMessage): string | undefined {
  const start = `${cookieName(config)}=`;
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
}
