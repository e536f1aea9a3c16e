/** The database: SQLite in a file, or PostgreSQL; the driver not used is never loaded. */

import { Kysely, sql } from 'kysely';

import { postgresDialect, sqliteDialect } from './dialects.ts';
import type { Tables } from './tables.ts';

/** The database, or a transaction of it. */
export type Queries = Kysely<Tables>;

export class Database {
  readonly kysely: Queries;
  readonly #postgres: boolean;

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

/** What PostgreSQL says of lost connections, spent resources and shutdown; what sockets say. */
const OUTAGE = /^(08|53|57P|E[A-Z]+$)/;
/** The PostgreSQL driver's own errors have no code. */
const DRIVER_OUTAGE = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;
/** SQLite: locked too long, disk error, full, cannot open. */
const SQLITE_OUTAGE = new Set([5, 10, 13, 14]);

/** Whether the database is away, rather than the statement wrong. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code === 'ERR_SQLITE_ERROR') return SQLITE_OUTAGE.has(Number(errcode) & 0xff);
  return typeof code === 'string' ? OUTAGE.test(code) : DRIVER_OUTAGE.test(error.message);
}

const UNIQUE_VIOLATION = '23505';
/** SQLITE_CONSTRAINT_UNIQUE */
const NOT_UNIQUE = 2067;

/** Whether a row like this is there already. */
export function isDuplicate(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return code === UNIQUE_VIOLATION || errcode === NOT_UNIQUE;
}
