/** Signing in, staying signed in, and the end of it. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { Config } from '../core/config.ts';
import { currentOrNone } from '../core/context.ts';
import type { Database, SessionRow, UserRow } from '../core/db.ts';
import { bindUser, event } from '../core/logging.ts';
import { notFound, Problem } from '../core/problem.ts';
import type { Passwords } from './passwords.ts';
import { type Authenticator, invalidToken, type Principal } from './permissions.ts';
import { AccountRepository, type Which } from './repository.ts';
import { type Login, lookupForm, type Renewal, type SessionList, type SignedIn } from './schemas.ts';
import { type AccessTokens, digest, newSecret, presentedCookie, refreshCookie } from './tokens.ts';

/** Fresh tokens of a session. */
export interface Grant {
  answer: SignedIn;
  /** The Set-Cookie field. */
  cookie: string | undefined;
}

/** Unknown, unverified, disabled, wrong: one answer. */
export function refused(): Problem {
  event('authn_login_fail', { level: 'warning' });
  return new Problem(401, 'invalid-credentials');
}

export class Sessions {
  readonly #config: Config;
  readonly #db: Database;
  readonly #tokens: AccessTokens;
  readonly #authenticator: Authenticator;
  readonly #passwords: Passwords;
  readonly #accounts: AccountRepository;

  constructor(config: Config, db: Database, tokens: AccessTokens, authenticator: Authenticator, passwords: Passwords) {
    this.#config = config;
    this.#db = db;
    this.#tokens = tokens;
    this.#authenticator = authenticator;
    this.#passwords = passwords;
    this.#accounts = new AccountRepository(db.kysely);
  }

  /** Also ends the session that this browser had before. */
  async signIn(login: Login, req: IncomingMessage): Promise<Grant> {
    // <% if .native %>
    if (login.transport === 'body' && req.headers.origin !== undefined) {
      throw new Problem(403, 'forbidden', { detail: 'A browser keeps its refresh token in a cookie.' });
    }
    // <% end %>
    const email = lookupForm(login.email);
    const user = await this.#accounts.userByEmail(email);
    const right = await this.#passwords.matches(this.#accounts, user, email, login.password);
    if (user === undefined || !right || user.verified_at === null || user.disabled_at !== null) throw refused();
    const replaced = presentedCookie(this.#config, req);
    const grant = await this.alone(user.id, async (accounts) => {
      // A reset may have come in between.
      const { password_hash: current } = (await accounts.user(user.id)) ?? {};
      if (current !== user.password_hash) throw refused();
      const old = replaced === undefined ? undefined : await accounts.sessionOf(digest(replaced));
      if (old !== undefined) await this.end(accounts, old.user_id, { only: old.id });
      // <% if .native %>
      return this.start(accounts, user, login.transport);
      // <% else %>
      return this.start(accounts, user);
      // <% end %>
    });
    event('authn_login_success');
    return grant;
  }

  /** In a transaction of `alone`, so that the cap holds. */
  // <% if .native %>
  async start(
    accounts: AccountRepository,
    user: UserRow,
    transport: SessionRow['transport'] = 'cookie',
  ): Promise<Grant> {
    // <% else %>
  async start(accounts: AccountRepository, user: UserRow): Promise<Grant> {
    // <% end %>
    bindUser(user.id);
    const live = await accounts.liveSessions(user.id, this.#seenAfter());
    await this.end(accounts, user.id, { except: live.slice(0, this.#config.MAX_SESSIONS - 1).map(({ id }) => id) });
    const now = Date.now();
    const session: SessionRow = {
      id: randomUUID(),
      user_id: user.id,
      // <% if .native %>
      transport,
      // <% end %>
      auth_time: new Date(now).toISOString(),
      created_at: new Date(now).toISOString(),
      last_seen_at: new Date(now).toISOString(),
      expires_at: new Date(now + this.#config.REFRESH_MAX_TTL * 1000).toISOString(),
      ...callerSeen(),
    };
    await accounts.addSession(session);
    event('session_created');
    return this.#grant(accounts, user, session);
  }

  /** Exchange a refresh token, once; seeing it again ends the whole session. */
  // <% if .native %>
  async refresh(body: Renewal, req: IncomingMessage): Promise<Grant> {
    const transport = body.refresh_token === null ? 'cookie' : 'body';
    const presented = body.refresh_token ?? presentedCookie(this.#config, req);
    // <% else %>
  async refresh(_body: Renewal, req: IncomingMessage): Promise<Grant> {
    const presented = presentedCookie(this.#config, req);
    // <% end %>
    const result = await this.#db.transaction(async (queries) => {
      const accounts = new AccountRepository(queries);
      const session = presented ? await accounts.sessionOf(digest(presented)) : undefined;
      if (presented === undefined || session === undefined) return this.#unusable();
      // <% if .native %>
      if (session.transport !== transport) return this.#unusable();
      // <% end %>
      return this.#renew(accounts, session, presented);
    });
    // Refused only now: what was written on the way has to stay.
    if (result instanceof Problem) throw result;
    return result;
  }

  async #renew(
    accounts: AccountRepository,
    session: SessionRow & { used_at: string | null },
    presented: string,
  ): Promise<Grant | Problem> {
    const { id, user_id: userId } = session;
    bindUser(userId);
    const user = await accounts.user(userId);
    const now = new Date().toISOString();
    const over = now >= session.expires_at || this.#seenAfter() >= session.last_seen_at;
    if (user === undefined || over || user.disabled_at !== null) {
      event('session_expired');
      await this.end(accounts, userId, { only: id });
      return this.#unusable();
    }
    // The session before its token: whoever ends it takes the same locks in the same order.
    if (!(await accounts.touchSession(id, callerSeen()))) return this.#unusable();
    if (!(await accounts.claim('refresh_tokens', digest(presented)))) {
      const age = Date.parse(now) - Date.parse(session.used_at ?? now);
      // Two tabs at once are no theft, but they get no second token either.
      if (age < this.#config.REFRESH_GRACE_SECONDS * 1000) return new Problem(409, 'conflict');
      event('authn_token_reuse', { level: 'error' });
      await this.end(accounts, userId, { only: id });
      return this.#unusable();
    }
    event('session_renewed');
    return this.#grant(accounts, user, session);
  }

  /** Step up: new tokens with a fresh auth_time; the refresh token before them dies. */
  async reauthenticate({ userId, sessionId }: Principal, password: string): Promise<Grant> {
    const user = await this.#accounts.user(userId);
    if (user === undefined) throw invalidToken();
    if (!(await this.#passwords.matches(this.#accounts, user, user.email, password))) throw refused();
    const grant = await this.#db.transaction(async (queries) => {
      const accounts = new AccountRepository(queries);
      await accounts.touchSession(sessionId, { auth_time: new Date().toISOString() });
      const session = await accounts.session(sessionId);
      if (session === undefined) throw refused();
      await accounts.dropUnusedRefreshTokens(sessionId);
      return this.#grant(accounts, user, session);
    });
    event('authn_login_success', { description: 'step-up' });
    return grant;
  }

  /** End the session of a refresh token, or of an access token; having none is fine. The fields to answer with. */
  // <% if .native %>
  async signOut(body: Renewal, req: IncomingMessage): Promise<Record<string, string>> {
    const presented = body.refresh_token ?? presentedCookie(this.#config, req);
    // <% else %>
  async signOut(_body: Renewal, req: IncomingMessage): Promise<Record<string, string>> {
    const presented = presentedCookie(this.#config, req);
    // <% end %>
    const named = presented ? await this.#accounts.sessionOf(digest(presented)) : undefined;
    const claims = await this.#authenticator.claims(req);
    const session = named ?? (claims && (await this.#accounts.session(claims.sessionId)));
    if (session !== undefined) {
      bindUser(session.user_id);
      await this.end(this.#accounts, session.user_id, { only: session.id });
      event('session_logout');
    }
    return { 'Set-Cookie': refreshCookie(this.#config), 'Clear-Site-Data': '"cache", "storage"' };
  }

  async list({ userId, sessionId }: Principal): Promise<SessionList> {
    const sessions = await this.#accounts.liveSessions(userId, this.#seenAfter());
    const items = sessions.map(({ id, created_at, last_seen_at, ip, user_agent }) => {
      return { id, created_at, last_seen_at, ip, user_agent, amr: ['pwd'], current: id === sessionId };
    });
    return { items };
  }

  async endOne({ userId }: Principal, sessionId: string): Promise<void> {
    if (!(await this.end(this.#accounts, userId, { only: sessionId }))) throw notFound();
  }

  async endOthers({ userId, sessionId }: Principal): Promise<void> {
    await this.end(this.#accounts, userId, { except: [sessionId] });
  }

  /** A transaction in which nobody else signs in to this account or ends all its sessions. */
  alone<T>(userId: string, work: (accounts: AccountRepository) => Promise<T>): Promise<T> {
    return this.#db.transaction((queries) => work(new AccountRepository(queries)), `sessions:${userId}`);
  }

  /** Their refresh tokens go too, access tokens within a second. */
  async end(accounts: AccountRepository, userId: string, which: Which = {}): Promise<boolean> {
    const ended = await accounts.endSessions(userId, which);
    if (ended > 0) event('authn_token_revoked', { user_id: userId });
    this.#authenticator.forget();
    return ended > 0;
  }

  async #grant(accounts: AccountRepository, user: UserRow, session: SessionRow): Promise<Grant> {
    const secret = newSecret();
    await accounts.addRefreshToken(digest(secret), session.id);
    const accessToken = await this.#tokens.issue({
      userId: user.id,
      sessionId: session.id,
      authTime: unixSeconds(session.auth_time),
      latest: unixSeconds(session.expires_at),
    });
    event('authn_token_created');
    const { id, email, role } = user;
    const answer: SignedIn = {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: this.#tokens.lifetime,
      user: { id, email, role },
    };
    // <% if .native %>
    if (session.transport === 'body') return { answer: { ...answer, refresh_token: secret }, cookie: undefined };
    // <% end %>
    return { answer, cookie: refreshCookie(this.#config, secret) };
  }

  #unusable(): Problem {
    return new Problem(401, 'unauthenticated', { headers: { 'Set-Cookie': refreshCookie(this.#config) } });
  }

  /** Sessions not seen since are over. */
  #seenAfter(): string {
    return new Date(Date.now() - this.#config.REFRESH_IDLE_TTL * 1000).toISOString();
  }
}

/** Where a session is used: by the request in hand, or by a command. */
function callerSeen(): Pick<SessionRow, 'ip' | 'user_agent'> {
  const context = currentOrNone();
  return { ip: context?.ip ?? '127.0.0.1', user_agent: (context?.userAgent ?? 'command line').slice(0, 200) };
}

function unixSeconds(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
