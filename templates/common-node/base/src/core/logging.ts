/**
 * Logs: one event, one line; JSON in production, readable in development.
 *
 * Event names are those of the OWASP Logging Vocabulary. Nothing secret is ever passed in: no bodies, no header
 * values but the user agent, no query strings.
 */

import pino from 'pino';

import { type Config, NAME } from './config.ts';
import { currentOrNone } from './context.ts';

type Level = 'debug' | 'info' | 'warning' | 'error';

export interface EventFields {
  level?: Level;
  status?: number;
  description?: string;
  user_id?: string;
}

const FLUSH_MILLISECONDS = 100;
const OUTSIDE_ASCII = /[\u007f-\uffff]/g;

const sink = pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: FLUSH_MILLISECONDS });
let pretty = false;

const logger = pino(
  {
    base: { appid: NAME },
    customLevels: { debug: 20, info: 30, warning: 40, error: 50 },
    useOnlyCustomLevels: true,
    level: 'silent',
    messageKey: 'event',
    timestamp: () => `,"datetime":"${new Date().toISOString()}"`,
    formatters: { level: (level) => ({ level }) },
  },
  { write: (line: string) => sink.write(pretty ? readable(line) : escaped(line)) },
);

export function setupLogging(config: Config): void {
  logger.level = config.LOG_LEVEL;
  pretty = config.LOG_FORMAT === 'pretty';
}

/** Write what is still held back; before the process ends. */
export function flushLogs(): void {
  sink.flushSync();
}

/** Log one event; what is known of the current request goes with it. */
export function event(name: string, fields: EventFields = {}, context = currentOrNone()): void {
  const { level = 'info', status, description, user_id } = fields;
  if (!logger.isLevelEnabled(level)) return;
  logger[level](
    {
      request_id: context?.requestId ?? null,
      user_id: user_id ?? context?.userId ?? null,
      source_ip: context?.ip ?? null,
      user_agent: context?.userAgent ?? null,
      method: context?.method ?? null,
      path: context?.path ?? null,
      status: status ?? null,
      description: description ?? null,
      amr: context?.amr ?? null,
    },
    name,
  );
}

/** Name the user in every later line of this request. */
export function bindUser(userId: string, amr?: readonly string[]): void {
  const context = currentOrNone();
  if (context === undefined) return;
  context.userId = userId;
  if (amr !== undefined) context.amr = amr;
}

/** The cause of an internal error: kinds and places, never messages, which may quote what a user sent. */
export function logError(error: unknown): void {
  const causes: string[] = [];
  for (let cause = error; cause !== undefined && causes.length < 5; cause = cause.cause) {
    if (!(cause instanceof Error)) {
      causes.push(typeof cause);
      break;
    }
    const message = `${cause.name}: ${cause.message}`;
    const frames = (cause.stack ?? '').slice(message.length).match(/at .*/g) ?? [];
    const code = 'code' in cause ? ` ${String(cause.code)}` : '';
    causes.push(`${cause.name}${code} ${frames.slice(0, 8).join(' ')}`);
  }
  event('sys_error', { level: 'error', description: causes.join('; caused by ') });
}

/** Nothing a terminal or a log reader would obey. */
function escaped(line: string): string {
  return line.replace(OUTSIDE_ASCII, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** For a person at a terminal; control characters are shown, not obeyed. */
function readable(line: string): string {
  const { level, event: name, datetime, appid, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const known = Object.entries(rest).filter(([, value]) => value !== null);
  const members = known.map(([key, value]) => `${key}=${escaped(JSON.stringify(value))}`);
  return `${String(level).padEnd(7)} ${[name, ...members].join(' ')}\n`;
}
