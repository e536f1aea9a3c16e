import { Reflector } from '@nestjs/core';
import type { z } from 'zod';

export interface Description {
  readonly summary: string;
  /** The group in the document; the controller's name unless given. */
  readonly tag?: string;
  /** What is answered: no member besides these leaves the service. */
  readonly answer?: z.ZodType;
  /** What is answered with another status. */
  readonly also?: Readonly<Record<number, z.ZodType>>;
  /** Statuses besides those that any route may answer. */
  readonly refusals?: readonly number[];
  readonly mediaType?: string;
  readonly setsCookie?: boolean;
  /** Not in the OpenAPI document: pages for people. */
  readonly hidden?: boolean;
}

/** What a route answers. A route without it stops the start. */
export const Describe = Reflector.createDecorator<Description>();
