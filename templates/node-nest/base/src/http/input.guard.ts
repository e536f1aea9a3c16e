import type { IncomingMessage } from 'node:http';

import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

import { current } from '../core/context.ts';
import { checkQuery, parseJson } from '../core/request.ts';

/** Lets no request through whose query or body cannot be read; the pipe then judges their members. */
@Injectable()
export class InputGuard implements CanActivate {
  canActivate(execution: ExecutionContext): boolean {
    const context = current();
    if (context.operation === undefined) return false;
    checkQuery(context.operation, context);
    if (context.operation.body !== undefined) {
      execution.switchToHttp().getRequest<IncomingMessage & { body: unknown }>().body = parseJson(context.raw);
    }
    return true;
  }
}
