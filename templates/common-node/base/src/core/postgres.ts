/** PostgreSQL, for Kysely. */

import { type Dialect, PostgresDialect } from 'kysely';
import pg from 'pg';

import { NAME } from './config.ts';

const CONNECT_MILLISECONDS = 5000;
const CONNECTIONS = 20;
const CONNECTION_SECONDS = 1800;

const { builtins, getTypeParser } = pg.types;

export function postgresDialect(url: string, limit: number): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: NAME,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    max: CONNECTIONS,
    maxLifetimeSeconds: CONNECTION_SECONDS,
    query_timeout: limit,
    statement_timeout: limit,
    types: { getTypeParser: typeParser as typeof getTypeParser },
  });
  // A connection that breaks while idle has left the pool; the next query opens another, or says why not.
  pool.on('error', () => {});
  return new PostgresDialect({ pool });
}

/** Times as SQLite keeps them. */
function typeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === builtins.TIMESTAMPTZ) return (value: string) => new Date(value).toISOString();
  return getTypeParser(oid, format);
}
