/**
 * Configuration from environment variables, checked before anything starts.
 *
 * Each variable may also come as NAME_FILE. A `.env` file is read in development only.
 */

import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { z } from 'zod';

export const NAME = 'scaffold-sample';
export const TITLE = 'Scaffold Sample';

export interface Quota {
  limit: number;
  window: number;
}

type Variables = Record<string, string | undefined>;

const whole = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number);
const positive = whole.refine((value) => value > 0, 'must be more than 0');
const port = positive.refine((value) => value < 65_536, 'must be a port');
const words = z.string().transform((value) => value.split(',').flatMap((word) => word.trim() || []));
/** So many requests in so many seconds, written "300/60". */
const quota = z
  .string()
  .regex(/^[1-9]\d{0,11}\/[1-9]\d{0,5}$/, 'must be requests/seconds')
  .transform((value): Quota => {
    const [limit = 0, window = 0] = value.split('/').map(Number);
    return { limit, window };
  });

/** Defaults are production's; `DEVELOPMENT` eases them. */
const schema = z.object({
  // <% if .benchmark %>
  APP_ENV: z.enum(['development', 'production', 'benchmark']).default('development'),
  // <% else %>
  APP_ENV: z.enum(['development', 'production']).default('development'),
  // <% end %>
  BIND: z.string().default('127.0.0.1'),
  PORT: port.prefault('8000'),
  METRICS_PORT: port.prefault('9000'),
  PUBLIC_URL: z.string().default(''),
  APP_URL: z.string().default(''),
  ALLOWED_HOSTS: words.prefault(''),
  CORS_ORIGINS: words.prefault(''),
  CORS_ALLOW_HEADERS: words.prefault(''),
  TRUSTED_PROXIES: words.prefault(''),

  DATABASE_URL: z.string().default(''),
  DB_TRANSPORT: z.literal(['', 'private']).default(''),
  REDIS_URL: z.string().default(''),
  REPLICAS: positive.prefault('1'),
  CURSOR_SECRET: z.string().default(''),

  RATE_DEFAULT: quota.prefault('300/60'),
  // <% if not .remote_items %>
  MAX_ITEMS: positive.prefault('1000'),
  // <% end %>
  DOCS: z.stringbool().prefault('false'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warning', 'error']).default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('json'),
  // <% if .accounts %>

  SMTP_URL: z.string().default(''),
  MAIL_FROM: z.string().default(''),
  JWT_PRIVATE_KEYS: z.string().default(''),
  ACCESS_TTL: positive.prefault('600'),
  REFRESH_IDLE_TTL: positive.prefault('86400'),
  REFRESH_MAX_TTL: positive.prefault('2592000'),
  REFRESH_GRACE_SECONDS: whole.prefault('10'),
  STEP_UP_TTL: positive.prefault('600'),
  VERIFY_TTL: positive.prefault('3600'),
  RESET_TTL: positive.prefault('600'),
  PASSWORD_MIN_LENGTH: positive.prefault('15'),
  PASSWORD_BREACH_CHECK: z.string().default('off'),
  RATE_AUTH_IP: quota.prefault('20/60'),
  LOGIN_BACKOFF_SECONDS: positive.prefault('30'),
  LOCKOUT_CEILING: positive.prefault('100'),
  MAIL_PER_ADDRESS: positive.prefault('5'),
  MAX_SESSIONS: positive.prefault('10'),
  // <% end %>
  // <% if .benchmark %>
  BENCHMARK_UPSTREAM: z.string().default(''),
  // <% end %>
  // <% if .remote_items %>

  SERVICE_URL: z.string().default(''),
  SERVICE_PRIVATE_KEY: z.string().default(''),
  // <% end %>
});

export type Config = Readonly<z.output<typeof schema>>;

/** What development (loopback only) eases; everything else is as in production. */
const DEVELOPMENT: Variables = {
  PUBLIC_URL: 'http://localhost:8000',
  APP_URL: 'http://localhost:3000',
  ALLOWED_HOSTS: 'localhost,127.0.0.1',
  CORS_ORIGINS: [3000, 4200, 5173, 8080].map((each) => `http://localhost:${each}`).join(','),
  DATABASE_URL: 'sqlite:///var/dev.db',
  RATE_DEFAULT: '15000/60',
  // <% if not .remote_items %>
  MAX_ITEMS: '50000',
  // <% end %>
  DOCS: 'true',
  LOG_FORMAT: 'pretty',
  // <% if .accounts %>
  MAIL_FROM: 'Scaffold Sample <no-reply@localhost>',
  RESET_TTL: '3600',
  RATE_AUTH_IP: '1000/60',
  LOGIN_BACKOFF_SECONDS: '1',
  LOCKOUT_CEILING: '5000',
  MAIL_PER_ADDRESS: '1000000',
  // <% end %>
  // <% if .remote_items %>
  SERVICE_URL: 'http://127.0.0.1:8001',
  // <% end %>
};

/** What keeps the process from starting: one line for each variable, never its value. */
export class ConfigError extends Error {
  constructor(lines: readonly string[]) {
    super(['Refusing to start:', ...lines].join('\n  '));
    this.name = 'ConfigError';
  }
}

export function isProduction(config: Config): boolean {
  return config.APP_ENV !== 'development';
}

/** The configuration these variables make; or names every one that is wrong. */
export function loadConfig(env: Variables = environment()): Config {
  const given = withFiles(env);
  const easy = (given['APP_ENV'] ?? 'development') === 'development';
  const parsed = schema.safeParse(easy ? { ...DEVELOPMENT, ...given } : given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}

function environment(): Variables {
  if ((process.env['APP_ENV'] || 'development') !== 'development' || !existsSync('.env')) return process.env;
  const given = parseEnv(readFileSync('.env', 'utf8'));
  // A name that nothing reads is a misspelt one.
  const unknown = Object.keys(given).filter((name) => !(name.replace(/_FILE$/, '') in schema.shape));
  if (unknown.length > 0) throw new ConfigError(unknown.map((name) => `${name}: in .env, but no setting`));
  return { ...given, ...process.env };
}

/** NAME_FILE: the value is the content of that file. Empty means not set. */
function withFiles(env: Variables): Variables {
  const values: Variables = {};
  for (const name of Object.keys(schema.shape)) {
    const file = env[`${name}_FILE`];
    const value = env[name] || (file && readSecret(`${name}_FILE`, file));
    if (value) values[name] = value;
  }
  return values;
}

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new ConfigError([`${name}: cannot be read`]);
  }
}
