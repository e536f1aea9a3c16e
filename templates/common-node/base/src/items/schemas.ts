/** What goes in and out of /v1/items. */

import { z } from 'zod';

import { instant, page, singleLine, text, uuid } from '../core/schemas.ts';

const title = singleLine.min(1).max(200);
const body = text.max(10_000);

export const ItemCreate = z.strictObject({ title, body: body.default('') }).meta({ id: 'ItemCreate' });
export type ItemCreate = z.output<typeof ItemCreate>;

/** Members left out stay as they are. */
export const ItemUpdate = z
  .strictObject({ title: title.exactOptional(), body: body.exactOptional() })
  .meta({ id: 'ItemUpdate' });
export type ItemUpdate = z.output<typeof ItemUpdate>;

export const ItemView = z
  .strictObject({ id: uuid, title: z.string(), body: z.string(), created_at: instant, updated_at: instant })
  .meta({ id: 'ItemView' });
export type ItemView = z.output<typeof ItemView>;

export const ItemPage = page('ItemPage', ItemView);
export type ItemPage = z.output<typeof ItemPage>;
