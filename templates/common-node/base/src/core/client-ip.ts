/** Who is calling: the one address that can be believed. */

import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** The peers whose X-Forwarded-* headers count. */
export class TrustedProxies {
  readonly #list: BlockList | undefined;

  constructor(networks: readonly string[]) {
    this.#list = networks.length > 0 ? blockList(networks) : undefined;
  }

  /** The rightmost address that is not one of ours; left of it, X-Forwarded-For is what the client wrote. */
  client(req: IncomingMessage): string {
    let address = peerOf(req);
    if (!this.#trusts(address)) return address;
    for (const entry of header(req, 'x-forwarded-for').split(',').toReversed()) {
      const candidate = plain(entry.trim());
      if (isIP(candidate) === 0) break;
      address = candidate;
      if (!this.#trusts(address)) break;
    }
    return address;
  }

  isHttps(req: IncomingMessage): boolean {
    return this.#trusts(peerOf(req)) && header(req, 'x-forwarded-proto') === 'https';
  }

  #trusts(address: string): boolean {
    return this.#list?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') ?? false;
  }
}

/** A list of addresses and networks in CIDR form; throws on anything else. */
export function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

/** What a limit counts: an IPv4 address, or the /64 that one IPv6 customer owns. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [left = '', right] = address.split('::');
  const head = left.split(':').filter(Boolean);
  const tail = right?.split(':').filter(Boolean) ?? [];
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  const prefix = [...head, ...zeros, ...tail].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(':')}::/64`;
}

function peerOf(req: IncomingMessage): string {
  return plain(req.socket.remoteAddress ?? 'unknown');
}

/** An IPv4 address that a dual-stack socket shows as IPv6 is written as what it is. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Repeated lines are one list (RFC 9110, section 5.3). */
function header(req: IncomingMessage, name: string): string {
  return String(req.headers[name] ?? '');
}
