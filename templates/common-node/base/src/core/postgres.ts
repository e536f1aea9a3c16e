/** PostgreSQL, for Kysely. */

import { type Dialect, PostgresDialect } from 'kysely';
import { Pool, TypeOverrides, types } from 'pg';

import { NAME } from './config.ts';

const CONNECT_MILLISECONDS = 5000;
const CONNECTIONS = 20;
const CONNECTION_SECONDS = 1800;

/** `limit` is for a single statement, in milliseconds; 0 is none. */
export function postgresDialect(url: string, limit: number): Dialect {
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
  // A connection that breaks while idle has left the pool; the next query opens another, or says why not.
  pool.on('error', () => {});
  return new PostgresDialect({ pool });
}
