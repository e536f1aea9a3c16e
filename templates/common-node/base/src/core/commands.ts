/** Commands of the service: main.js COMMAND. */

import { randomBytes } from 'node:crypto';
import { parseEnv } from 'node:util';

// <% if .accounts %>
import { newKey } from '../auth/tokens.ts';
// <% end %>
import { check, checkRole } from './checks.ts';
import { type Config, ConfigError, isProduction, loadConfig } from './config.ts';
import { flushLogs, setupLogging } from './logging.ts';
import { serve, type Service } from './server.ts';

/** Puts a stack's service together; nothing is asked of its back ends before it serves. */
export type CreateService = (config: Config) => Promise<Service>;

const USAGE = [
  'usage: main.js COMMAND',
  '',
  '  serve                answer requests until told to stop',
  '  migrate              bring the database up to date',
  '  seed                 make sample data; development only',
  // <% if .accounts %>
  '  create-admin EMAIL   make an administrator',
  // <% end %>
  '  env                  print a .env for development, with fresh keys',
  "  openapi              print the API's description",
  '',
].join('\n');

export async function main(argv: readonly string[], createService: CreateService): Promise<void> {
  try {
    await run(argv, createService);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  } finally {
    flushLogs();
  }
}

/** Each command loads only what it needs, and nothing before it may start. */
async function run(argv: readonly string[], createService: CreateService): Promise<void> {
  switch (argv[0]) {
    case 'serve': {
      const config = await checkedConfig();
      setupLogging(config);
      await checkRole(config);
      return serve(await createService(config));
    }
    case 'migrate': {
      const { migrate } = await import('./migrations.ts');
      return migrate(await checkedConfig());
    }
    case 'seed': {
      const config = await checkedConfig();
      if (isProduction(config)) throw new ConfigError(['seed: development only']);
      const { seed } = await import('../seed.ts');
      return seed(config);
    }
    // <% if .accounts %>
    case 'create-admin': {
      const { createAdmin } = await import('../auth/commands.ts');
      return createAdmin(await checkedConfig(), argv[1] ?? '');
    }
    // <% end %>
    case 'env':
      process.stdout.write(freshEnv());
      return;
    case 'openapi':
      process.stdout.write(`${JSON.stringify(await describe(createService), undefined, 2)}\n`);
      return;
    default:
      process.stderr.write(USAGE);
      process.exitCode = 2;
  }
}

async function checkedConfig(): Promise<Config> {
  const config = loadConfig();
  await check(config);
  return config;
}

/** The text of a .env file for development; every call makes new keys. */
export function freshEnv(): string {
  const lines = ['APP_ENV=development', `CURSOR_SECRET=${randomBytes(48).toString('base64url')}`];
  // <% if .accounts %>
  lines.push(`JWT_PRIVATE_KEYS="${newKey().trim().replaceAll('\n', '\\n')}"`);
  // <% end %>
  // <% if .remote_items %>
  lines.push(`SERVICE_PRIVATE_KEY="${newKey().trim().replaceAll('\n', '\\n')}"`);
  // <% end %>
  return `${lines.join('\n')}\n`;
}

/** The same wherever it runs: of a service that keeps nothing. */
async function describe(createService: CreateService): Promise<object> {
  const config = loadConfig({ ...parseEnv(freshEnv()), DATABASE_URL: 'sqlite://', REDIS_URL: '' });
  const service = await createService(config);
  await service.close();
  return service.openapi();
}
