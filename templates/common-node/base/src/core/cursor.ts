/** Cursors are opaque, and work only for the caller and the list they were made for. */

import { createHmac, timingSafeEqual } from 'node:crypto';

import { z } from 'zod';

import { Problem } from './problem.ts';

const TAG_BYTES = 16;
/** The last row of a page; the next page starts after it. */
const position = z.tuple([z.string(), z.string()]);

export interface Position {
  at: string;
  id: string;
}

export class Cursors {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** `scope` names the list and its owner. */
  encode({ at, id }: Position, scope: string): string {
    const payload = Buffer.from(JSON.stringify([at, id]));
    return Buffer.concat([this.#tag(payload, scope), payload]).toString('base64url');
  }

  decode(cursor: string | undefined, scope: string): Position | undefined {
    if (cursor === undefined) return undefined;
    const raw = Buffer.from(cursor, 'base64url');
    const [tag, payload] = [raw.subarray(0, TAG_BYTES), raw.subarray(TAG_BYTES)];
    // Decoding skips what is not base64url, so that other spellings would pass.
    const genuine = raw.toString('base64url') === cursor && tag.length === TAG_BYTES;
    if (!genuine || !timingSafeEqual(tag, this.#tag(payload, scope))) throw new Problem(400, 'invalid-cursor');
    const [at, id] = position.parse(JSON.parse(payload.toString()));
    return { at, id };
  }

  /** The page that these rows make: one more than fit says that there is a next one. */
  page<Row extends { id: string; created_at: string }>(rows: Row[], limit: number, scope: string) {
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items, next_cursor: last ? this.encode({ at: last.created_at, id: last.id }, scope) : null };
  }

  #tag(payload: Buffer, scope: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${scope}\0`).update(payload).digest().subarray(0, TAG_BYTES);
  }
}
