/** What is asked before a handler. */

import type { RequestHandler } from 'express';

// <% if .accounts %>
import { current } from '../core/context.ts';
// <% end %>
// <% if .idempotency %>
import { Idempotency, isRetriable, sendKept } from '../core/idempotency.ts';
// <% end %>
import type { Operation } from '../core/operation.ts';
import type { Parts } from '../parts.ts';
// <% if .accounts %>

/** Deny by default: whatever is not declared public wants a caller who is signed in. */
export function signedIn({ access }: Operation, { authenticator }: Parts): RequestHandler[] {
  if (access === 'public') return [];
  const authenticate: RequestHandler = async (req, _res, next) => {
    current().principal = await authenticator.admit(req, access);
    next();
  };
  return [authenticate];
}
// <% end %>
// <% if .idempotency %>

/** Where something is made, the same Idempotency-Key gives the same answer. */
export function idempotent(operation: Operation, { db }: Parts): RequestHandler[] {
  if (!isRetriable(operation)) return [];
  const idempotency = new Idempotency(db);
  const replay: RequestHandler = async (req, res, next) => {
    const kept = await idempotency.begin(req, res);
    if (kept === undefined) next();
    else sendKept(res, kept);
  };
  return [replay];
}
// <% end %>
