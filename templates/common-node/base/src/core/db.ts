/** The database: SQLite in a file, or PostgreSQL; the driver not used is never loaded. */

import { type Compilable, type CompiledQuery, Kysely, sql } from 'kysely';

import { postgresDialect, sqliteDialect } from './dialects.ts';

/** The database, or a transaction of it. */
export type Queries = Kysely<Tables>;

type Build<Row, Values extends string[]> = (queries: Queries, ...values: Values) => Compilable<Row>;

export class Database {
  readonly kysely: Queries;
  readonly #postgres: boolean;
  readonly #built = new Map<unknown, CompiledQuery>();

  constructor(kysely: Queries, { postgres }: { postgres: boolean }) {
    this.kysely = kysely;
    this.#postgres = postgres;
  }

  /**
   * All or nothing, and one at a time of those that name the same `lock`. Keep it short: on SQLite everybody else waits
   * meanwhile.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>, lock?: string): Promise<T> {
    return this.kysely.transaction().execute(async (queries) => {
      if (lock !== undefined && this.#postgres) {
        await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(queries);
      }
      return work(queries);
    });
  }

  /**
   * The first row of a query that is asked all the time. Its SQL is built once, which would take longer than to run it;
   * the query must use `values` in their order.
   */
  async first<Row, Values extends string[]>(build: Build<Row, Values>, ...values: Values): Promise<Row | undefined> {
    const query = (this.#built.get(build) ?? build(this.kysely, ...values).compile()) as CompiledQuery<Row>;
    this.#built.set(build, query);
    const { rows } = await this.kysely.executeQuery<Row>({ ...query, parameters: values });
    return rows[0];
  }

  async isUp(): Promise<boolean> {
    try {
      await sql`select 1`.execute(this.kysely);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether PostgreSQL would let this role do anything (B5). */
  async isSuperuser(): Promise<boolean> {
    if (!this.#postgres) return false;
    const query = sql<{ rolsuper: boolean }>`select rolsuper from pg_roles where rolname = current_user`;
    const { rows } = await query.execute(this.kysely);
    return rows[0]?.rolsuper ?? false;
  }

  close(): Promise<void> {
    return this.kysely.destroy();
  }
}

/** Opened, not yet asked. `limit` is for a single statement, in milliseconds; 0 is none. */
export async function openDatabase(url: string, { limit = 10_000 } = {}): Promise<Database> {
  const postgres = url.startsWith('postgresql://');
  const dialect = postgres ? await postgresDialect(url, limit) : sqliteDialect(url);
  return new Database(new Kysely<Tables>({ dialect }), { postgres });
}

/** What PostgreSQL says of lost connections, spent resources, spent time and shutdown; what sockets and names say. */
const OUTAGE = /^(08|53|57014|57P|E[A-Z]+$|EAI_)/;
/** The PostgreSQL driver's own errors have no code. */
const DRIVER_OUTAGE =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying|Query read timeout)/;
/** SQLite: locked too long, disk error, full, cannot open. */
const SQLITE_OUTAGE = new Set([5, 10, 13, 14]);

/** Whether the database is away, rather than the statement wrong. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code === 'ERR_SQLITE_ERROR') return SQLITE_OUTAGE.has(Number(errcode) & 0xff);
  return typeof code === 'string' ? OUTAGE.test(code) : DRIVER_OUTAGE.test(error.message);
}

/** Foreign key and unique violation, serialization failure, deadlock; SQLite's foreign key, primary key and unique. */
const CONFLICTS = new Set<unknown>(['23503', '23505', '40001', '40P01', 787, 1555, 2067]);

/** Whether a row came or went meanwhile. */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return CONFLICTS.has(errcode ?? code);
}

/** As SQL sees them. Ids are UUIDs, times ISO 8601 in UTC; both are strings on either database. */
export interface Tables {
  // <% if .accounts %>
  users: UserRow;
  sessions: SessionRow;
  refresh_tokens: RefreshTokenRow;
  one_time_tokens: OneTimeTokenRow;
  // <% end %>
  // <% if not .remote_items %>
  items: ItemRow;
  // <% end %>
  // <% if .idempotency %>
  idempotent_calls: IdempotentCallRow;
  // <% end %>
}
// <% if .accounts %>

export type Role = 'user' | 'admin';

export interface UserRow {
  id: string;
  email: string;
  name: string | null;
  role: Role;
  /** Until the address is verified this is what somebody chose who may not own it. */
  password_hash: string | null;
  verified_at: string | null;
  disabled_at: string | null;
  failed_logins: number;
  created_at: string;
}

/** A session that ended has no row. */
export interface SessionRow {
  id: string;
  user_id: string;
  // <% if .native %>
  transport: 'cookie' | 'body';
  // <% end %>
  auth_time: string;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  ip: string;
  user_agent: string;
}

/** Used ones stay until their session ends, so that a replay is noticed. */
export interface RefreshTokenRow {
  token_hash: string;
  session_id: string;
  used_at: string | null;
}

/** What a link in a mail carries; at most one for each account and purpose is good. */
export interface OneTimeTokenRow {
  token_hash: string;
  user_id: string;
  purpose: string;
  new_email: string | null;
  expires_at: string;
  used_at: string | null;
}
// <% end %>
// <% if not .remote_items %>

export interface ItemRow {
  id: string;
  // <% if .accounts %>
  owner_id: string;
  // <% end %>
  title: string;
  body: string;
  created_at: string;
  updated_at: string;
}
// <% end %>
// <% if .idempotency %>

/** Without a status the first call still runs. */
export interface IdempotentCallRow {
  id: string;
  body_hash: string;
  status: number | null;
  headers: string | null;
  body: string | null;
  created_at: string;
}
// <% end %>
