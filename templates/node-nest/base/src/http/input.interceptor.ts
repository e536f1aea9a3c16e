import type { IncomingMessage } from 'node:http';

import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';

import { current } from '../core/context.ts';
import { checkQuery, parseJson } from '../core/request.ts';

/** Judges query and body as a whole: after the guards, so that only who may call learns what is wrong with them. */
@Injectable()
export class InputInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const context = current();
    if (context.operation !== undefined) {
      checkQuery(context.operation, context);
      if (context.operation.body !== undefined) {
        execution.switchToHttp().getRequest<IncomingMessage & { body: unknown }>().body = parseJson(context.raw);
      }
    }
    return next.handle();
  }
}
