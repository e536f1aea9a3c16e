import type { IncomingMessage, ServerResponse } from 'node:http';

import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { type Observable, of } from 'rxjs';

import { Database } from '../core/db.ts';
import { Idempotency } from '../core/idempotency.ts';

/** A POST that is sent again with its Idempotency-Key gets the first answer again; no route can forget it. */
@Injectable()
class IdempotencyInterceptor implements NestInterceptor {
  private readonly idempotency: Idempotency;

  constructor(database: Database) {
    this.idempotency = new Idempotency(database);
  }

  async intercept(execution: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = execution.switchToHttp();
    const response = http.getResponse<ServerResponse>();
    const kept = await this.idempotency.begin(http.getRequest<IncomingMessage>(), response);
    if (kept === undefined) return next.handle();
    response.statusCode = kept.status;
    response.setHeaders(new Map(Object.entries(kept.headers)));
    return of(kept.body && JSON.parse(kept.body));
  }
}

export const IDEMPOTENCY = { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor };
