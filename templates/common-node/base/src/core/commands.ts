/** Commands of the service. */

import { parseArgs } from 'node:util';

import { check } from './checks.ts';
import { type Config, ConfigError, isProduction, loadConfig } from './config.ts';
import { openDatabase } from './db.ts';
import { event, flushLogs, setupLogging } from './logging.ts';

export interface Stack {
  /** Answer requests until told to stop. */
  serve(config: Config): Promise<void>;
  /** The API's description. */
  openapi(): Promise<object>;
}

const USAGE = `Usage: main COMMAND

  serve                answer requests until told to stop
  migrate              bring the database up to date
  seed                 make sample data; development only
  create-admin EMAIL   make an administrator
  env                  print a .env for development, with fresh keys
  openapi              print the API's description
`;

export async function run(argv: readonly string[], stack: Stack): Promise<void> {
  const [command = '', ...operands] = parseArgs({ args: [...argv], allowPositionals: true, strict: true }).positionals;
  process.exitCode = 2;
}
