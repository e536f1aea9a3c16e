/** What goes in and out of /v1/benchmark. */

import { z } from 'zod';

import { singleLine } from '../core/schemas.ts';

export const Order = z.strictObject({
  name: singleLine.min(1).max(100),
  quantity: z.int().min(1).max(1000),
  tags: z.array(singleLine.min(1).max(50)).max(10),
});

export const Upstream = z.strictObject({ status: z.int() });

export const upTo = z.strictObject({
  n: z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .transform(Number),
});

export const Primes = z.strictObject({ n: z.int(), primes: z.int() });

export const Event = z.strictObject({ id: singleLine.min(1).max(100) });
export type Event = z.output<typeof Event>;
