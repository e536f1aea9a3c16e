import { Reflector } from '@nestjs/core';

import type { Operation } from '../core/operation.ts';

/** What is not read from Nest's own decorators; the tag is the controller's name unless given. */
export type Description = Partial<Pick<Operation, 'tag'>> &
  Pick<Operation, 'summary' | 'answer' | 'also' | 'refusals' | 'mediaType' | 'setsCookie' | 'hidden'>;

/** What a route answers. A route without it stops the start. */
export const Describe = Reflector.createDecorator<Description>();
