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

  #tag(payload: Buffer, scope: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${scope}\0`).update(payload).digest().subarray(0, TAG_BYTES);
  }
}
