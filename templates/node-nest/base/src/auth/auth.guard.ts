import type { IncomingMessage } from 'node:http';

import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

import { current } from '../core/context.ts';
import { Authenticator } from './permissions.ts';

/** In front of every route: without `@Public()` nobody passes who is not signed in. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly authenticator: Authenticator) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const context = current();
    const access = context.operation?.access ?? 'user';
    if (access !== 'public') {
      const request = execution.switchToHttp().getRequest<IncomingMessage>();
      context.principal = await this.authenticator.admit(request, access);
    }
    return true;
  }
}
