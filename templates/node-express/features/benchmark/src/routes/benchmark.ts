/** /v1/benchmark: what comparisons between services ask for; there with APP_ENV=benchmark only. */

import { countPrimes } from '../benchmark/primes.ts';
import { Event, Order, Primes, Upstream, upTo } from '../benchmark/schemas.ts';
import { Streams } from '../benchmark/streams.ts';
import { UpstreamService } from '../benchmark/upstream.ts';
import { route, type Route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const BENCHMARK = { tag: 'benchmark', access: 'user', hidden: true } as const;

export function benchmarkRoutes({ config, life }: Parts): Route[] {
  const streams = new Streams();
  const upstream = new UpstreamService(config);
  return [
    route(
      {
        ...BENCHMARK,
        id: 'echo',
        method: 'POST',
        path: '/v1/benchmark/echo',
        summary: 'Validate, and answer the same.',
        body: Order,
        answer: Order,
      },
      ({ body }) => body,
    ),
    route(
      {
        ...BENCHMARK,
        id: 'slow',
        method: 'GET',
        path: '/v1/benchmark/slow',
        summary: 'Wait for another service.',
        answer: Upstream,
      },
      async () => ({ status: await upstream.ask() }),
    ),
    route(
      {
        ...BENCHMARK,
        id: 'cpu',
        method: 'GET',
        path: '/v1/benchmark/cpu',
        summary: 'Compute; everybody else waits.',
        query: upTo,
        answer: Primes,
      },
      ({ query: { n } }) => ({ n, primes: countPrimes(n) }),
    ),
    route(
      {
        ...BENCHMARK,
        id: 'stream',
        method: 'GET',
        path: '/v1/benchmark/stream',
        summary: 'Send what is published, as server-sent events, until the client leaves.',
        mediaType: 'text/event-stream',
      },
      ({ res }) => streams.open(res, life),
    ),
    route(
      {
        ...BENCHMARK,
        id: 'publish',
        method: 'POST',
        path: '/v1/benchmark/publish',
        summary: 'Send an event to every open stream.',
        body: Event,
        status: 204,
      },
      ({ body }) => streams.publish(body),
    ),
  ];
}
