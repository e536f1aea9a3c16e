import type { ServerResponse } from 'node:http';

import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { z } from 'zod';

// <% if .accounts %>
import { Public } from '../auth/auth.decorators.ts';
// <% end %>
import { LIFE } from '../core.module.ts';
import { Database } from '../core/db.ts';
import { Health, isReady, type Life } from '../core/health.ts';
import { Describe } from '../http/describe.decorator.ts';

// <% if .accounts %>
@Public()
// <% end %>
@Controller()
export class HealthController {
  constructor(
    private readonly database: Database,
    @Inject(LIFE) private readonly life: Life,
  ) {}

  @Get('healthz')
  @Describe({ summary: 'Say that the process lives.', answer: Health })
  healthz(): z.output<typeof Health> {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Describe({
    summary: 'Say whether requests are welcome: the database is there, the process is not ending.',
    answer: Health,
    also: { 503: Health },
  })
  async readyz(@Res({ passthrough: true }) response: ServerResponse): Promise<z.output<typeof Health>> {
    if (await isReady(this.database, this.life)) return { status: 'ok' };
    response.statusCode = 503;
    return { status: 'unavailable' };
  }
}
