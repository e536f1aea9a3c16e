import fs from 'node:fs';

import { beforeEach, expect, test, vi } from 'vitest';

import { loadConfig } from '../../src/core/config.ts';
import { event, flushLogs, logError, setupLogging } from '../../src/core/logging.ts';

const write = vi.spyOn(fs, 'writeSync').mockImplementation((_fd, text) => text.length);

beforeEach(() => void write.mockClear());

function logged(settings: Record<string, string>, work: () => void): string {
  setupLogging(loadConfig(settings));
  work();
  flushLogs();
  return write.mock.calls.map(([, text]) => text).join('');
}

const HOSTILE = 'a\r\nb\u001b[31m\u009b\u2028{"event":"forged"}';

test('one event is one line of JSON, whatever is in it', () => {
  const line = logged({ LOG_FORMAT: 'json' }, () => event('sys_test', { description: HOSTILE }));
  expect(line).toMatch(/^[\u0020-\u007e]+\n$/);
  expect(JSON.parse(line)).toMatchObject({
    level: 'info',
    datetime: expect.stringMatching(/Z$/),
    event: 'sys_test',
    appid: 'scaffold-sample',
    description: HOSTILE,
    request_id: null,
  });
});

test('a person reads it without being fooled', () => {
  const line = logged({}, () => event('sys_test', { level: 'warning', description: HOSTILE }));
  expect(line).toMatch(/^warning sys_test description="[\u0020-\u007e]+"\n$/);
});

test('nothing below the level', () => {
  expect(logged({ LOG_LEVEL: 'error' }, () => event('sys_test', { level: 'warning' }))).toBe('');
});

test('errors are logged by kind and place, never by message', () => {
  const error = new TypeError('secret\n    at secret', { cause: Object.assign(new Error('secret'), { code: 'E1' }) });
  const line = logged({ LOG_FORMAT: 'json' }, () => logError(error));
  expect(line).toMatch(/TypeError at .*logging\.test\.ts.*; caused by Error E1 at /);
  expect(line).not.toContain('secret');
  write.mockClear();
  expect(logged({ LOG_FORMAT: 'json' }, () => logError('secret'))).not.toContain('secret');
});
