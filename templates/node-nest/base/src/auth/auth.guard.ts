import type { IncomingMessage } from 'node:http';

import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import { current } from '../core/context.ts';
import { AccessRule } from './auth.decorators.ts';
import { Authenticator } from './permissions.ts';

/** In front of every route: without `@Public()` nobody passes who is not signed in. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride(AccessRule, [context.getHandler(), context.getClass()]) ?? 'user';
    if (access !== 'public') {
      const request = context.switchToHttp().getRequest<IncomingMessage>();
      current().principal = await this.authenticator.admit(request, access);
    }
    return true;
  }
}
