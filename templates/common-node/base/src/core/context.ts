/** What is known of the request in hand, wherever the code is. */

import { AsyncLocalStorage } from 'node:async_hooks';

// <% if .accounts %>
import type { Principal } from '../auth/permissions.ts';
// <% end %>
import type { Operation } from './operation.ts';

export interface RequestContext {
  readonly requestId: string;
  /** The one address that can be believed. */
  readonly ip: string;
  /** What limits count: the IPv4 address, or the /64 of an IPv6 one. */
  readonly network: string;
  readonly userAgent: string;
  readonly method: string;
  /** As logged: without the query. */
  path: string;
  /** The query from its question mark on, or nothing. */
  readonly search: string;
  /** The body as it was sent. */
  raw: Buffer;
  operation?: Operation;
  /** Whom calls are counted for: the user of a genuine token, else the network. */
  userKey: string;
  userId?: string;
  amr?: readonly string[];
  // <% if .accounts %>
  principal?: Principal;
  // <% end %>
}

const storage = new AsyncLocalStorage<RequestContext>();

export function runWith(context: RequestContext, work: () => void): void {
  storage.run(context, work);
}

export function currentOrNone(): RequestContext | undefined {
  return storage.getStore();
}

// <% if .accounts %>
/** Whom guesses and mails are counted for; the command line is one of its own. */
export function callerNetwork(): string {
  return currentOrNone()?.network ?? 'command line';
}

// <% end %>
export function current(): RequestContext {
  const context = storage.getStore();
  if (context === undefined) throw new Error('outside of a request');
  return context;
}
