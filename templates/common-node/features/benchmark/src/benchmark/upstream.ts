/** Another service, which takes its time. */

import type { Config } from '../core/config.ts';
import { Problem } from '../core/problem.ts';

/** Each waits on a connection of its own, kept for the next. */
const MAX_CALLS = 256;
const ANSWER_MILLISECONDS = 10_000;

export class UpstreamService {
  readonly #url: string;
  #calls = 0;

  constructor(config: Config) {
    this.#url = config.BENCHMARK_UPSTREAM;
  }

  /** The status it answers with. */
  async ask(): Promise<number> {
    if (this.#calls >= MAX_CALLS) throw unavailable();
    this.#calls += 1;
    try {
      const answer = await fetch(this.#url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MILLISECONDS) });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      throw unavailable();
    } finally {
      this.#calls -= 1;
    }
  }
}

function unavailable(): Problem {
  return new Problem(503, 'unavailable', { headers: { 'Retry-After': '5' } });
}
