/** Events for whoever listens now; nothing is kept for those who come later. */

import type { ServerResponse } from 'node:http';

import type { Life } from '../core/health.ts';
import { Problem } from '../core/problem.ts';
import type { Event } from './schemas.ts';

const MAX_STREAMS = 1000;
export const BACKLOG_BYTES = 64 * 1024;
const DRAIN_CHECK_MILLISECONDS = 500;

/** The open streams of this process, so many at most, each with a bounded buffer. */
export class Streams {
  readonly #open = new Set<ServerResponse>();
  readonly #limit: number;

  constructor({ limit = MAX_STREAMS } = {}) {
    this.#limit = limit;
  }

  /** Streams end with the client or with the process, which waits for its answers to end. */
  open(res: ServerResponse, life: Life): void {
    if (this.#open.size >= this.#limit) throw new Problem(503, 'unavailable', { headers: { 'Retry-After': '5' } });
    this.#open.add(res);
    const check = setInterval(() => {
      if (life.draining) res.end();
    }, DRAIN_CHECK_MILLISECONDS);
    res.on('close', () => {
      clearInterval(check);
      this.#open.delete(res);
    });
    res.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    res.flushHeaders();
  }

  publish(event: Event): void {
    const text = `data: ${JSON.stringify(event)}\n\n`;
    for (const res of this.#open) {
      if (res.writableLength < BACKLOG_BYTES) res.write(text);
      else res.destroy(); // it does not keep up
    }
  }
}
