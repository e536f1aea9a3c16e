/** What bodies are made of, and lists that are read page by page. */

import { z } from 'zod';

/** Strings arrive and leave as they are; what cannot be shown is refused, not cleaned. */
export const text = printable(/^[^\x00]*$/);
export const singleLine = printable(/^[^\x00-\x1f\x7f]*$/);

/** What the service made itself: described, and not looked at again on its way out. */
export const uuid = z.string().meta({ format: 'uuid' });
export const instant = z.string().meta({ format: 'date-time' });

export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .prefault('20'),
  cursor: z.string().max(400).optional(),
});

/** A page of a list. */
export function page<T extends z.ZodType>(id: string, item: T) {
  return z
    .strictObject({
      items: z.array(item),
      next_cursor: z.string().nullable().meta({ description: 'Send it back as `cursor` for the next page.' }),
    })
    .meta({ id });
}

function printable(pattern: RegExp): z.ZodString {
  return z
    .string()
    .regex(pattern)
    .refine((value) => value.isWellFormed(), 'Contains half a character');
}
