/** Where an account operation comes from: the request in hand, or the command line. */

import { currentOrNone } from '../core/context.ts';

export function callerNetwork(): string {
  return currentOrNone()?.network ?? 'command line';
}

/** As a session remembers it. */
export function callerSeen(): { ip: string; user_agent: string } {
  const context = currentOrNone();
  return { ip: context?.ip ?? '127.0.0.1', user_agent: (context?.userAgent ?? 'command line').slice(0, 200) };
}
