import type { IncomingMessage } from 'node:http';

import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  Param,
  ParseUUIDPipe,
  StandardSchemaValidationPipe,
} from '@nestjs/common';
import type { z } from 'zod';

import { current } from '../core/context.ts';
import { fromIssues, notFound } from '../core/problem.ts';
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

/** Parameters with a schema are what it says, or the answer is 422. */
@Injectable()
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => fromIssues(issues as readonly z.core.$ZodIssue[]) });
  }

  /** Members with such names are refused by the schema like any unknown one, not dropped in silence. */
  protected override stripProtoKeys(): void {}
}

const knownIds = new ParseUUIDPipe({ exceptionFactory: notFound });

/** An id in the path; what cannot be one names nothing, so it is unknown like any other. */
export const IdParam = (name: string): ParameterDecorator => Param(name, knownIds);
