import { Param, ParseUUIDPipe } from '@nestjs/common';

import { notFound } from '../core/problem.ts';

const knownIds = new ParseUUIDPipe({ exceptionFactory: notFound });

/** An id in the path; what cannot be one names nothing, so it is unknown like any other. */
export const IdParam = (name: string): ParameterDecorator => Param(name, knownIds);
