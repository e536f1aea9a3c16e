/** Who may call: whatever is not declared public wants a caller who is signed in. */

import type { RequestHandler } from 'express';

import { current } from '../core/context.ts';
import type { Operation } from '../core/operation.ts';
import type { Parts } from '../parts.ts';

export function signedIn({ access }: Operation, { authenticator }: Parts): RequestHandler[] {
  if (access === 'public') return [];
  const authenticate: RequestHandler = async (req, _res, next) => {
    current().principal = await authenticator.admit(req, access);
    next();
  };
  return [authenticate];
}
