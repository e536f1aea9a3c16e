/** SQLite as Node ships it, and PostgreSQL, for Kysely. */

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresDialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
} from 'kysely';

import { NAME } from './config.ts';

const BUSY_MILLISECONDS = 5000;
const CONNECT_MILLISECONDS = 5000;
const CONNECTIONS = 20;
const CONNECTION_SECONDS = 1800;
const PRAGMAS = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL';

/** Transactions take the write lock at once: to get it later may fail, as another has written meanwhile. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** Lets migrations run all or nothing, which SQLite can. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** `url` is sqlite:///relative, sqlite:////absolute, or sqlite:// for memory. */
export function sqliteDialect(url: string): Dialect {
  const path = url.replace(/^sqlite:\/\/\/?/, '');
  if (path !== '') mkdirSync(dirname(path), { recursive: true });
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new ImmediateDriver({ database: async () => open(path || ':memory:') }),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** In the form that Kysely expects of a driver. */
function open(path: string): SqliteDatabase {
  const database = new DatabaseSync(path, { timeout: BUSY_MILLISECONDS });
  database.exec(PRAGMAS);
  // As many as the code has statements: values are never part of their text.
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(text) {
      const statement = prepared.get(text) ?? prepare(database, text);
      prepared.set(text, statement);
      return statement;
    },
  };
}

function prepare(database: DatabaseSync, text: string): SqliteStatement {
  const statement = database.prepare(text);
  return {
    reader: statement.columns().length > 0,
    all: (values) => statement.all(...(values as SQLInputValue[])),
    run: (values) => statement.run(...(values as SQLInputValue[])),
    iterate: (values) => statement.iterate(...(values as SQLInputValue[])),
  };
}

/** Loads the driver. `limit` is for a single statement, in milliseconds; 0 is none. */
export async function postgresDialect(url: string, limit: number): Promise<Dialect> {
  const { Pool, TypeOverrides, types } = await import('pg');
  const parsers = new TypeOverrides();
  // Times as SQLite keeps them.
  parsers.setTypeParser(types.builtins.TIMESTAMPTZ, (value) => new Date(value).toISOString());
  const pool = new Pool({
    connectionString: url,
    application_name: NAME,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    max: CONNECTIONS,
    maxLifetimeSeconds: CONNECTION_SECONDS,
    query_timeout: limit,
    statement_timeout: limit,
    types: parsers,
  });
  // A connection that breaks has left the pool, and whoever waits for its answer hears of it: the next query opens
  // another, or says why not. Without listeners, in the pool and out of it, it would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new PostgresDialect({ pool });
}
