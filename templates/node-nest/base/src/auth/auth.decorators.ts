import { createParamDecorator, type CustomDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import { current } from '../core/context.ts';
import type { Access } from '../core/operation.ts';
import type { Principal } from './permissions.ts';

export const AccessRule = Reflector.createDecorator<Access>();

/** Anybody may call this. Routes without a rule want a signed-in user. */
export const Public = (): CustomDecorator => AccessRule('public');

/** Wants a user who signed in within the last minutes (RFC 9470). */
export const StepUp = (): CustomDecorator => AccessRule('recent');

/** The signed-in caller, as a parameter. */
export const CurrentUser = createParamDecorator((): Principal => {
  const { principal } = current();
  if (principal === undefined) throw new Error('a public route has no current user');
  return principal;
});
