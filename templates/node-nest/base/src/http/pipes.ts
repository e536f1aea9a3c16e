import { Injectable, Param, ParseUUIDPipe, StandardSchemaValidationPipe } from '@nestjs/common';
import type { z } from 'zod';

import { fromIssues, notFound } from '../core/problem.ts';

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
