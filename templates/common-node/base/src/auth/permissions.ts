/** Who is asking, and what their role may do. */

import type { IncomingMessage } from 'node:http';

import type { Config } from '../core/config.ts';
import type { Database, Role } from '../core/db.ts';
import { bindUser, event } from '../core/logging.ts';
import { Problem } from '../core/problem.ts';
import { AccountRepository } from './repository.ts';
import { type AccessTokens, type Claims, InvalidTokenError, Remembered } from './tokens.ts';

type Permission = 'own-data' | 'administer';
type Account = Awaited<ReturnType<AccountRepository['accountOf']>>;

const ROLES: Readonly<Record<Role, readonly Permission[]>> = {
  user: ['own-data'],
  admin: ['own-data', 'administer'],
};

export interface Principal {
  userId: string;
  sessionId: string;
  role: Role;
  /** When they showed their password, in Unix seconds. */
  authTime: number;
}

export function may({ role }: Principal, permission: Permission): boolean {
  return ROLES[role].includes(permission);
}

export function invalidToken(): Problem {
  event('authz_fail', { level: 'warning', description: 'invalid access token' });
  return new Problem(401, 'invalid-token', { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } });
}

export class Authenticator {
  readonly #stepUpTtl: number;
  readonly #accounts: AccountRepository;
  readonly #tokens: AccessTokens;
  /** For a second: no later does the end of a session, an account or a role act. */
  readonly #live = new Remembered<NonNullable<Account>>();
  readonly #asked = new WeakMap<IncomingMessage, Promise<Claims | undefined>>();

  constructor(config: Config, db: Database, tokens: AccessTokens) {
    this.#stepUpTtl = config.STEP_UP_TTL;
    this.#accounts = new AccountRepository(db.kysely);
    this.#tokens = tokens;
  }

  /** What a genuine token says, where having none is no error; the session may have ended. */
  async claims(req: IncomingMessage): Promise<Claims | undefined> {
    try {
      return await this.#claims(req);
    } catch (error) {
      if (error instanceof InvalidTokenError) return undefined;
      throw error;
    }
  }

  /** The signed-in caller, or 401; `recent` wants a password shown a short while ago (RFC 9470). */
  async admit(req: IncomingMessage, access: 'user' | 'recent'): Promise<Principal> {
    const principal = await this.#authenticate(req);
    if (!may(principal, 'own-data')) {
      event('authz_fail', { level: 'warning', description: 'own-data' });
      throw new Problem(403, 'forbidden');
    }
    if (access === 'recent' && Date.now() / 1000 - principal.authTime > this.#stepUpTtl) {
      const challenge = `Bearer error="insufficient_user_authentication", max_age=${this.#stepUpTtl}`;
      throw new Problem(401, 'step-up-required', { headers: { 'WWW-Authenticate': challenge } });
    }
    return principal;
  }

  /** Sessions ended: ask the database again. Cheaper than to know which of the remembered ones these were. */
  forget(): void {
    this.#live.clear();
  }

  async #authenticate(req: IncomingMessage): Promise<Principal> {
    let claims: Claims | undefined;
    try {
      claims = await this.#claims(req);
    } catch (error) {
      throw error instanceof InvalidTokenError ? invalidToken() : error;
    }
    if (claims === undefined) throw new Problem(401, 'unauthenticated');
    const { userId, sessionId, authTime } = claims;
    const account = await this.#account(sessionId);
    if (account?.id !== userId) throw invalidToken();
    bindUser(userId, ['pwd']);
    return { userId, sessionId, role: account.role, authTime };
  }

  /** Counting and admitting ask alike: a token is verified once. */
  #claims(req: IncomingMessage): Promise<Claims | undefined> {
    const asked = this.#asked.get(req) ?? this.#verify(req);
    this.#asked.set(req, asked);
    return asked;
  }

  /** The one bearer token; none without any, InvalidTokenError for anything else. */
  async #verify(req: IncomingMessage): Promise<Claims | undefined> {
    const [scheme = '', token = ''] = (req.headers.authorization ?? '').split(/ +(.*)/s, 2);
    return scheme.toLowerCase() === 'bearer' ? this.#tokens.verify(token) : undefined;
  }

  async #account(sessionId: string): Promise<Account> {
    const known = this.#live.get(sessionId);
    if (known !== undefined) return known;
    const account = await this.#accounts.accountOf(sessionId);
    if (account !== undefined) this.#live.put(sessionId, account);
    return account;
  }
}
