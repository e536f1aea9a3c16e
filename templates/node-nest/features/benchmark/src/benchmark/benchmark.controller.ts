import type { ServerResponse } from 'node:http';

import { Body, Controller, Get, HttpCode, Inject, Post, Query, Res } from '@nestjs/common';
import type { z } from 'zod';

import { LIFE } from '../core.module.ts';
import type { Life } from '../core/health.ts';
import { Describe } from '../http/describe.decorator.ts';
import { countPrimes } from './primes.ts';
import { Event, Order, Primes, Upstream, upTo } from './schemas.ts';
import { Streams } from './streams.ts';
import { UpstreamService } from './upstream.ts';

/** What comparisons between services ask for; there with APP_ENV=benchmark only. */
@Controller('v1/benchmark')
export class BenchmarkController {
  constructor(
    private readonly streams: Streams,
    private readonly upstream: UpstreamService,
    @Inject(LIFE) private readonly life: Life,
  ) {}

  @Post('echo')
  @HttpCode(200)
  @Describe({ summary: 'Validate, and answer the same.', answer: Order, hidden: true })
  echo(@Body({ schema: Order }) body: z.output<typeof Order>): z.output<typeof Order> {
    return body;
  }

  @Get('slow')
  @Describe({ summary: 'Wait for another service.', answer: Upstream, hidden: true })
  async slow(): Promise<z.output<typeof Upstream>> {
    return { status: await this.upstream.ask() };
  }

  @Get('cpu')
  @Describe({ summary: 'Compute; everybody else waits.', answer: Primes, hidden: true })
  cpu(@Query({ schema: upTo }) { n }: z.output<typeof upTo>): z.output<typeof Primes> {
    return { n, primes: countPrimes(n) };
  }

  // Not @Sse(), whose buffer for a slow client has no bound.
  @Get('stream')
  @Describe({
    summary: 'Send what is published, as server-sent events, until the client leaves.',
    mediaType: 'text/event-stream',
    hidden: true,
  })
  stream(@Res() response: ServerResponse): void {
    this.streams.open(response, this.life);
  }

  @Post('publish')
  @HttpCode(204)
  @Describe({ summary: 'Send an event to every open stream.', hidden: true })
  publish(@Body({ schema: Event }) body: Event): void {
    this.streams.publish(body);
  }
}
