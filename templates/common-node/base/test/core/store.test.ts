import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { expect, onTestFinished, test, vi } from 'vitest';

import { openStore } from '../../src/core/store.ts';

test('counts until the end of the window', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const store = await openStore('');
  expect(await store.hit('key', 60)).toEqual({ count: 1, reset: 60 });
  vi.advanceTimersByTime(59_001);
  expect(await store.hit('key', 60)).toEqual({ count: 2, reset: 1 });
  expect(await store.ttl('key')).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(await store.ttl('key')).toBe(0);
  expect(await store.incr('key', 60)).toBe(1);
  await store.clear('key');
  expect(await store.ttl('key')).toBe(0);
});

test('falls back to this process without the shared one', async () => {
  const store = await openStore('redis://127.0.0.1:1');
  onTestFinished(() => store.close());
  expect(store.degraded).toBe(false);
  expect([await store.incr('key', 60), await store.incr('key', 60)]).toEqual([1, 2]);
  expect(store.degraded).toBe(true);
});

test('waits no longer than a moment for one that is silent', async () => {
  // Greets, and then says nothing more.
  const frozen = createServer((socket) => void socket.once('data', () => socket.write('+OK\r\n'.repeat(4))));
  await once(frozen.listen(0, '127.0.0.1'), 'listening');
  const store = await openStore(`redis://127.0.0.1:${(frozen.address() as AddressInfo).port}`);
  onTestFinished(async () => {
    await store.close();
    frozen.close();
  });
  await once(frozen, 'connection');
  expect(await store.incr('key', 60)).toBe(1);
  expect(store.degraded).toBe(true);
});
