/** What a process refuses to start with. Names the variable, never its value. */

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { unescape } from 'node:querystring';

// <% if .accounts %>
import { loadKeys } from '../auth/tokens.ts';
// <% end %>
import { blockList } from './client-ip.ts';
import { type Config, ConfigError, isProduction } from './config.ts';
import { isOutage, openDatabase } from './db.ts';
import { event } from './logging.ts';

const PLACEHOLDERS = ['changeme', 'changethis', 'change-me', 'secret', 'example', 'password', 'replace'];
const DEFAULT_PASSWORDS = new Set([...PLACEHOLDERS, 'postgres', 'redis', 'admin', 'root', 'test', 'default']);
const VERIFIED_TLS = new Set(['verify-ca', 'verify-full']);
/** Set, they would promise what this service does not keep. */
const UNSUPPORTED = ['MFA_POLICY'];
const SWITCHES = ['DEBUG', 'RELOAD'];
const OFF = new Set(['', '0', 'false', 'no', 'off']);
const LOOPBACK = blockList(['127.0.0.0/8', '::1']);
const PRIVATE = blockList(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10']);
// <% if .accounts %>
const CEILINGS = [
  ['ACCESS_TTL', 900],
  ['REFRESH_IDLE_TTL', 24 * 3600],
  ['REFRESH_MAX_TTL', 30 * 24 * 3600],
  ['REFRESH_GRACE_SECONDS', 30],
  ['STEP_UP_TTL', 600],
  ['VERIFY_TTL', 3600],
  ['RESET_TTL', 600],
] as const;
// <% end %>

type Found = Iterable<string>;

/** Throws a ConfigError with every reason not to start. */
export async function check(config: Config, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const found = [...always(config, env)];
  if (isProduction(config)) {
    for (const rule of PRODUCTION_RULES) found.push(...rule(config, env));
    found.push(...(await backEnds(config)));
  }
  if (found.length > 0) throw new ConfigError(found);
}

/** In production, the role of the service may not do everything; a database that is away says nothing yet. */
export async function checkRole(config: Config): Promise<void> {
  if (!isProduction(config)) return;
  const db = await openDatabase(config.DATABASE_URL);
  try {
    if (await db.isSuperuser()) throw new ConfigError(['DATABASE_URL: a superuser role']);
  } catch (error) {
    if (!isOutage(error)) throw error;
    event('sys_warning', { level: 'warning', description: 'DATABASE_URL: not reachable yet' });
  } finally {
    await db.close();
  }
}

function* always(config: Config, env: NodeJS.ProcessEnv): Found {
  for (const name of UNSUPPORTED) if (name in env) yield `${name}: there is no such feature`;
  yield* missing(config, ['DATABASE_URL', 'CURSOR_SECRET', 'PUBLIC_URL']);
  if (!/^(sqlite|postgresql):\/\//.test(config.DATABASE_URL)) {
    yield 'DATABASE_URL: neither sqlite:// nor postgresql://';
  }
  yield* misspelt(config, ['DATABASE_URL', 'REDIS_URL']);
  // <% if .accounts %>
  yield* missing(config, ['JWT_PRIVATE_KEYS', 'APP_URL', 'MAIL_FROM']);
  yield* misspelt(config, ['SMTP_URL']);
  try {
    loadKeys(config.JWT_PRIVATE_KEYS);
  } catch {
    yield 'JWT_PRIVATE_KEYS: not a list of PEM keys on P-256 or Ed25519';
  }
  // <% end %>
}

function* secrets(config: Config): Found {
  const secret = config.CURSOR_SECRET;
  if (Buffer.byteLength(secret) < 32) yield 'CURSOR_SECRET: shorter than 32 bytes';
  if (new Set(secret).size < 5) yield 'CURSOR_SECRET: fewer than 5 distinct characters';
  if (PLACEHOLDERS.some((word) => secret.toLowerCase().includes(word))) yield 'CURSOR_SECRET: a placeholder';
  const owners = new Map<string, string>();
  const all: [string, string | undefined][] = [
    ['CURSOR_SECRET', secret],
    ['DATABASE_URL', passwordOf(parse(config.DATABASE_URL))],
    ['REDIS_URL', passwordOf(parse(config.REDIS_URL))],
    // <% if .accounts %>
    ['JWT_PRIVATE_KEYS', config.JWT_PRIVATE_KEYS],
    ['SMTP_URL', passwordOf(parse(config.SMTP_URL))],
    // <% end %>
    // <% if .remote_items %>
    ['SERVICE_PRIVATE_KEY', config.SERVICE_PRIVATE_KEY],
    // <% end %>
  ];
  for (const [name, value] of all) {
    if (!value) continue;
    const owner = owners.get(value);
    if (owner !== undefined) yield `${name}: the same secret as ${owner}`;
    owners.set(value, name);
  }
}

function* urls(config: Config): Found {
  for (const name of ['PUBLIC_URL', 'APP_URL'] as const) {
    const url = config[name];
    if (url && !(url.startsWith('https://') && isOrigin(url))) yield `${name}: not an https:// origin without a path`;
  }
  if (config.ALLOWED_HOSTS.length === 0 || config.ALLOWED_HOSTS.some((host) => host.includes('*'))) {
    yield 'ALLOWED_HOSTS: empty or a wildcard';
  }
}

function* origins(config: Config): Found {
  for (const origin of config.CORS_ORIGINS) {
    const url = parse(origin);
    const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
    if (!safe || origin.includes('*') || !isOrigin(origin)) {
      yield 'CORS_ORIGINS: not a list of exact https:// origins without a path';
    }
  }
}

function* proxies(config: Config): Found {
  try {
    blockList(config.TRUSTED_PROXIES);
  } catch {
    yield 'TRUSTED_PROXIES: not a list of addresses and networks';
  }
  if (config.TRUSTED_PROXIES.some((network) => /\/0+$/.test(network))) yield 'TRUSTED_PROXIES: trusts everybody';
}

function* exposure(config: Config, env: NodeJS.ProcessEnv): Found {
  for (const name of SWITCHES) {
    if (!OFF.has((env[name] ?? '').toLowerCase())) yield `${name}: not in production`;
  }
  if (config.DOCS) yield 'DOCS: not in production';
  if (config.METRICS_PORT === config.PORT) yield 'METRICS_PORT: metrics would be public';
}
// <% if .accounts %>

function* accounts(config: Config): Found {
  for (const [name, ceiling] of CEILINGS) {
    if (config[name] > ceiling) yield `${name}: more than ${ceiling} seconds`;
  }
  if (config.PASSWORD_MIN_LENGTH < 15) yield 'PASSWORD_MIN_LENGTH: less than 15 without a second factor';
  yield* missing(config, ['SMTP_URL']);
  const smtp = parse(config.SMTP_URL);
  // On the submission port the sender insists on STARTTLS; port 25 relays may not offer it.
  const encrypted = smtp?.protocol === 'smtps:' || smtp?.port === '587';
  if (smtp && !encrypted && !isLoopback(smtp.hostname)) {
    yield 'SMTP_URL: smtps://, or smtp:// on port 587, unless the server is local';
  }
  if (hasDefaultPassword(smtp)) yield 'SMTP_URL: a default password';
}
// <% end %>
// <% if .benchmark %>

function* benchmark(config: Config): Found {
  const upstream = parse(config.BENCHMARK_UPSTREAM);
  const usable = /^https?:$/.test(upstream?.protocol ?? '') && upstream?.username === '';
  if (config.APP_ENV === 'benchmark' && !usable) yield 'BENCHMARK_UPSTREAM: not an http:// URL without a user';
}
// <% end %>

const PRODUCTION_RULES: ((config: Config, env: NodeJS.ProcessEnv) => Found)[] = [
  secrets,
  urls,
  origins,
  proxies,
  exposure,
  // <% if .accounts %>
  accounts,
  // <% end %>
  // <% if .benchmark %>
  benchmark,
  // <% end %>
];

async function backEnds(config: Config): Promise<string[]> {
  const found: string[] = [];
  const database = parse(config.DATABASE_URL);
  if (database?.protocol === 'postgresql:') {
    const host = database.searchParams.get('host') ?? database.hostname;
    const encrypted = VERIFIED_TLS.has(database.searchParams.get('sslmode') ?? '');
    const local = host.startsWith('/') || isLoopback(host);
    const isPrivate = config.DB_TRANSPORT === 'private' && (await leadsToPrivate(host));
    if (!encrypted && !local && !isPrivate)
      found.push('DATABASE_URL: needs sslmode=verify-full unless the server is local');
    if (hasDefaultPassword(database)) found.push('DATABASE_URL: a default password');
  }
  const redis = parse(config.REDIS_URL);
  if (redis?.protocol === 'redis:' && !isLoopback(redis.hostname)) {
    found.push('REDIS_URL: needs rediss:// unless the server is local');
  }
  if (hasDefaultPassword(redis)) found.push('REDIS_URL: a default password');
  if (config.REPLICAS > 1 && redis === null) found.push('REDIS_URL: needed to share limits among REPLICAS');
  return found;
}

function* missing(config: Config, names: readonly (keyof Config)[]): Found {
  for (const name of names) if (!config[name]) yield `${name}: missing`;
}

/** Drivers decode these, or fail at the first use. */
function* misspelt(config: Config, names: readonly Extract<keyof Config, `${string}_URL`>[]): Found {
  for (const name of names) {
    try {
      decodeURIComponent(config[name]);
    } catch {
      yield `${name}: a % that is not percent-encoded`;
    }
  }
}

function passwordOf(url: URL | null): string {
  return unescape(url?.password ?? '');
}

function hasDefaultPassword(url: URL | null): boolean {
  const password = passwordOf(url).toLowerCase();
  return password !== '' && (DEFAULT_PASSWORDS.has(password) || password === url?.username);
}

/** Scheme and authority only, written the way browsers write it. */
function isOrigin(url: string): boolean {
  return parse(url)?.origin === url;
}

/** A URL whose host is a socket has none: it gets one that stands for this machine. */
function parse(url: string): URL | null {
  return URL.parse(url.replace(/^(postgresql|unix):\/\/([^@/]*@)?\//, '$1://$2localhost/'));
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || isIn(LOOPBACK, host.replace(/^\[|\]$/g, ''));
}

function isIn(list: typeof LOOPBACK, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Whether a name leads to private addresses only. */
async function leadsToPrivate(host: string): Promise<boolean> {
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.length > 0 && found.every(({ address }) => isLoopback(address) || isIn(PRIVATE, address));
}
