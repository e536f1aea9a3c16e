/** All SQL about accounts. Whatever may be used once is claimed by one conditional UPDATE. */

import type { UpdateResult } from 'kysely';

import type { OneTimeTokenRow, Queries, SessionRow, UserRow } from '../core/db.ts';

export type Purpose = 'verify' | 'reset' | 'confirm-address';

/** Which sessions of a user: that one, or all but those. */
export interface Which {
  only?: string;
  except?: readonly string[];
}

function now(): string {
  return new Date().toISOString();
}

async function changesOne(update: { executeTakeFirstOrThrow(): Promise<UpdateResult> }): Promise<boolean> {
  return (await update.executeTakeFirstOrThrow()).numUpdatedRows === 1n;
}

export class AccountRepository {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  // Users

  user(id: string): Promise<UserRow | undefined> {
    return this.#queries.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  }

  userByEmail(email: string): Promise<UserRow | undefined> {
    return this.#queries.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst();
  }

  /** False when the address has been taken at this very moment. */
  async addUser(user: UserRow): Promise<boolean> {
    const insert = this.#queries.insertInto('users').values(user);
    const { numInsertedOrUpdatedRows } = await insert
      .onConflict((conflict) => conflict.column('email').doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  async updateUser(id: string, values: Partial<UserRow>): Promise<void> {
    await this.#queries.updateTable('users').set(values).where('id', '=', id).execute();
  }

  async countFailure(id: string): Promise<void> {
    await this.#queries
      .updateTable('users')
      .set(({ eb }) => ({ failed_logins: eb('failed_logins', '+', 1) }))
      .where('id', '=', id)
      .execute();
  }

  /** Replace what waits for verification; false when the account is verified by now. */
  setPending(id: string, values: Pick<UserRow, 'password_hash' | 'name'>): Promise<boolean> {
    const update = this.#queries.updateTable('users').set(values);
    return changesOne(update.where('id', '=', id).where('verified_at', 'is', null));
  }

  /** Open an account; false when its pending password is another by now. */
  verify(user: UserRow, passwordHash: string): Promise<boolean> {
    return this.replacePassword(user, { password_hash: passwordHash, verified_at: now() });
  }

  /** In the place of the password that was looked at; false when that is another by now. */
  replacePassword({ id, password_hash }: UserRow, values: Partial<UserRow>): Promise<boolean> {
    const update = this.#queries.updateTable('users').set(values).where('id', '=', id);
    return changesOne(update.where('password_hash', password_hash === null ? 'is' : '=', password_hash));
  }

  /** An address that somebody only claimed gives way. */
  async changeEmail(id: string, email: string): Promise<void> {
    await this.#queries.deleteFrom('users').where('email', '=', email).where('verified_at', 'is', null).execute();
    await this.updateUser(id, { email });
  }

  async deleteUser(id: string): Promise<void> {
    await this.#queries.deleteFrom('users').where('id', '=', id).execute();
  }

  // Links in mails

  async addOneTimeToken(token: Omit<OneTimeTokenRow, 'used_at'>): Promise<void> {
    await this.#queries
      .insertInto('one_time_tokens')
      .values({ ...token, used_at: null })
      .execute();
  }

  /** One that is still good. */
  oneTimeToken(hash: string, purpose: Purpose): Promise<OneTimeTokenRow | undefined> {
    return this.#queries
      .selectFrom('one_time_tokens')
      .selectAll()
      .where('token_hash', '=', hash)
      .where('purpose', '=', purpose)
      .where('used_at', 'is', null)
      .where('expires_at', '>', now())
      .executeTakeFirst();
  }

  async deleteOneTimeTokens(userId: string, purpose: Purpose): Promise<void> {
    const tokens = this.#queries.deleteFrom('one_time_tokens').where('user_id', '=', userId);
    await tokens.where('purpose', '=', purpose).execute();
  }

  /** Use a token up; of any number of parallel tries exactly one gets true. */
  claim(table: 'one_time_tokens' | 'refresh_tokens', hash: string): Promise<boolean> {
    const update = this.#queries.updateTable(table).set({ used_at: now() });
    return changesOne(update.where('token_hash', '=', hash).where('used_at', 'is', null));
  }

  // Sessions

  async addSession(session: SessionRow): Promise<void> {
    await this.#queries.insertInto('sessions').values(session).execute();
  }

  async addRefreshToken(hash: string, sessionId: string): Promise<void> {
    const token = { token_hash: hash, session_id: sessionId, used_at: null };
    await this.#queries.insertInto('refresh_tokens').values(token).execute();
  }

  /** The session of a refresh token, and when that was used. */
  sessionOf(hash: string): Promise<(SessionRow & { used_at: string | null }) | undefined> {
    return this.#queries
      .selectFrom('refresh_tokens')
      .innerJoin('sessions', 'sessions.id', 'refresh_tokens.session_id')
      .selectAll('sessions')
      .select('refresh_tokens.used_at')
      .where('token_hash', '=', hash)
      .executeTakeFirst();
  }

  session(id: string): Promise<SessionRow | undefined> {
    return this.#queries.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Note where a session was seen; false when it has just ended. */
  touchSession(id: string, values: Partial<SessionRow>): Promise<boolean> {
    const update = this.#queries.updateTable('sessions').set({ ...values, last_seen_at: now() });
    return changesOne(update.where('id', '=', id));
  }

  async dropUnusedRefreshTokens(sessionId: string): Promise<void> {
    const tokens = this.#queries.deleteFrom('refresh_tokens').where('session_id', '=', sessionId);
    await tokens.where('used_at', 'is', null).execute();
  }

  /** The newest first. */
  liveSessions(userId: string, seenAfter: string): Promise<SessionRow[]> {
    return this.#queries
      .selectFrom('sessions')
      .selectAll()
      .where('user_id', '=', userId)
      .where('expires_at', '>', now())
      .where('last_seen_at', '>', seenAfter)
      .orderBy('created_at', 'desc')
      .execute();
  }

  /** How many there were. */
  async endSessions(userId: string, { only, except = [] }: Which): Promise<number> {
    let sessions = this.#queries.deleteFrom('sessions').where('user_id', '=', userId);
    if (only !== undefined) sessions = sessions.where('id', '=', only);
    if (except.length > 0) sessions = sessions.where('id', 'not in', except);
    const { numDeletedRows } = await sessions.executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }

  /** Whose session this is, if it lasts and the account is not disabled. */
  accountOf(sessionId: string): Promise<Pick<UserRow, 'id' | 'role'> | undefined> {
    return this.#queries
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(['users.id', 'users.role'])
      .where('sessions.id', '=', sessionId)
      .where('expires_at', '>', now())
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
  }
}
