/** What does not start (B). */

import { parseEnv } from 'node:util';

import { expect, test } from 'vitest';

import { check } from '../../src/core/checks.ts';
import { freshEnv } from '../../src/core/commands.ts';
import { loadConfig } from '../../src/core/config.ts';

const SECRETS = parseEnv(freshEnv());
const CURSOR_SECRET = String(SECRETS['CURSOR_SECRET']);
const GOOD = {
  ...SECRETS,
  APP_ENV: 'production',
  PUBLIC_URL: 'https://api.example.com',
  APP_URL: 'https://app.example.com',
  ALLOWED_HOSTS: 'api.example.com',
  CORS_ORIGINS: 'https://app.example.com',
  DATABASE_URL: 'postgresql://app:k3J9x@/app?host=/run/postgresql',
  // <% if .accounts %>
  SMTP_URL: 'smtps://app:q8Zw1@smtp.example.com',
  MAIL_FROM: 'no-reply@example.com',
  // <% end %>
};

/** Why it would not start; nothing when it would. */
async function reasons(changes: Record<string, string>): Promise<string> {
  const env = { ...GOOD, ...changes };
  try {
    await check(loadConfig(env), env);
    return '';
  } catch (error) {
    return String(error);
  }
}

test.each([{}, { REPLICAS: '2', REDIS_URL: 'unix:///run/redis.sock' }, { DEBUG: 'false' }])(
  'starts in production with %j',
  async (changes) => {
    expect(await reasons(changes)).toBe('');
  },
);

test.each([
  ['CURSOR_SECRET', ''],
  ['CURSOR_SECRET', 'x'.repeat(31)],
  ['CURSOR_SECRET', 'abab'.repeat(10)],
  ['CURSOR_SECRET', 'changeme-changeme-changeme-changeme'],
  ['CURSOR_SECRET_FILE', '/nowhere'],
  ['PUBLIC_URL', 'http://api.example.com'],
  ['PUBLIC_URL', 'https://api.example.com/path'],
  ['ALLOWED_HOSTS', ''],
  ['ALLOWED_HOSTS', '*'],
  ['CORS_ORIGINS', '*'],
  ['CORS_ORIGINS', 'null'],
  ['CORS_ORIGINS', 'http://app.example.com'],
  ['CORS_ORIGINS', 'https://app.example.com/'],
  ['TRUSTED_PROXIES', '0.0.0.0/0'],
  ['TRUSTED_PROXIES', '::/0'],
  ['TRUSTED_PROXIES', 'proxy'],
  ['DOCS', 'true'],
  ['DEBUG', 'true'],
  ['RELOAD', '1'],
  ['MFA_POLICY', 'required'],
  ['PORT', '65536'],
  ['PORT', '0'],
  ['RATE_DEFAULT', '300'],
  ['REPLICAS', '-1'],
  ['METRICS_PORT', '8000'],
  ['DATABASE_URL', ''],
  ['DATABASE_URL', 'mysql://localhost/app'],
  ['DATABASE_URL', 'postgresql://app:k3J9x@db.example.com/app'],
  ['DATABASE_URL', 'postgresql://app:k3J9x@db.example.com/app?sslmode=require'],
  ['DATABASE_URL', 'postgresql://app:postgres@localhost/app'],
  ['REDIS_URL', 'redis://redis.example.com'],
  ['REDIS_URL', 'redis://:redis@localhost'],
  // <% if .accounts %>
  ['JWT_PRIVATE_KEYS', 'x'],
  ['SMTP_URL', ''],
  ['SMTP_URL', 'smtp://smtp.example.com:25'],
  ['SMTP_URL', 'smtps://app:changeme@smtp.example.com'],
  ['SMTP_URL', 'smtps://app:q8%Zw1@smtp.example.com'],
  ['ACCESS_TTL', '3600'],
  ['REFRESH_GRACE_SECONDS', '60'],
  ['PASSWORD_MIN_LENGTH', '10'],
  // <% end %>
])('%s=%s is named and not quoted', async (name, value) => {
  const found = await reasons({ CURSOR_SECRET: name === 'CURSOR_SECRET_FILE' ? '' : CURSOR_SECRET, [name]: value });
  expect(found).toContain(`\n  ${name}: `);
  expect(found).not.toContain(value.length > 8 ? value : ' = ');
});

test('replicas need a shared store, and each purpose a secret', async () => {
  expect(await reasons({ REPLICAS: '2' })).toContain('REDIS_URL: needed to share limits among REPLICAS');
  const found = await reasons({ REDIS_URL: `redis://:${CURSOR_SECRET}@localhost` });
  expect(found).toContain('REDIS_URL: the same secret as CURSOR_SECRET');
});

test('a private network may do without TLS when it is meant', async () => {
  const DATABASE_URL = 'postgresql://app:k3J9x@10.0.0.5/app';
  expect(await reasons({ DATABASE_URL, DB_TRANSPORT: 'private' })).toBe('');
  expect(
    await reasons({ DATABASE_URL: DATABASE_URL.replace('10.0.0.5', '9.9.9.9'), DB_TRANSPORT: 'private' }),
  ).not.toBe('');
});
