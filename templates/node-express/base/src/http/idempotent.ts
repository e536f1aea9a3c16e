/** Idempotency-Key, where something is made. */

import type { RequestHandler } from 'express';

import { Idempotency, isRetriable, sendKept } from '../core/idempotency.ts';
import type { Operation } from '../core/operation.ts';
import type { Parts } from '../parts.ts';

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
