import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { expect, test } from 'vitest';

import { networkOf, TrustedProxies } from '../../src/core/client-ip.ts';

function from(peer: string, forwarded: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  const req = new IncomingMessage(socket);
  req.headers['x-forwarded-for'] = forwarded;
  return req;
}

test.each([
  ['9.9.9.9', '1.1.1.1', '9.9.9.9'],
  ['10.0.0.5', '1.1.1.1', '1.1.1.1'],
  ['::ffff:10.0.0.5', '1.1.1.1', '1.1.1.1'],
  ['10.0.0.5', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
  ['10.0.0.5', '1.1.1.1, 10.0.0.6', '1.1.1.1'],
  ['2001:db8::5', '1.1.1.1', '1.1.1.1'],
  ['10.0.0.5', 'nonsense', '10.0.0.5'],
  ['10.0.0.5', '', '10.0.0.5'],
])('from %s, forwarded for %s: %s', (peer, forwarded, client) => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '2001:db8::5']);
  expect(proxies.client(from(peer, forwarded))).toBe(client);
});

test('limits count an IPv4 address, and the /64 of an IPv6 one', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
  expect(networkOf('2001:DB8::1')).toBe(networkOf('2001:db8:0:0:ffff::1'));
  expect(networkOf('2001:db8::1')).not.toBe(networkOf('2001:db8:0:1::1'));
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
});
