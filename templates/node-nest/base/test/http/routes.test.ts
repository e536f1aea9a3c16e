/** What Nest's own parts promise of every route, also of those that are still to be written. */

import { parseEnv } from 'node:util';

import { Controller, Get, HttpException, type Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { expect, test } from 'vitest';

import { AppModule } from '../../src/app.module.ts';
// <% if .accounts %>
import { Public } from '../../src/auth/auth.decorators.ts';
// <% end %>
import { prepare } from '../../src/app.ts';
import { freshEnv } from '../../src/core/commands.ts';
import { loadConfig } from '../../src/core/config.ts';
import { AnswerAdapter } from '../../src/http/answers.ts';
import { Describe } from '../../src/http/describe.decorator.ts';
// <% if .accounts %>
import { OperationsExplorer } from '../../src/http/operations.explorer.ts';
// <% end %>
import { serve, type TestService } from '../support/service.ts';

const config = loadConfig({ ...parseEnv(freshEnv()), DATABASE_URL: 'sqlite://' });
// <% if .accounts %>

@Controller('v1/new')
class NewController {
  @Get()
  @Describe({ summary: 'Forgets to say who may call it.' })
  readNew(): object {
    return { secret: true };
  }
}

@Public()
// <% else %>

// <% end %>
@Controller('v1/failing')
class FailingController {
  @Get('broken')
  @Describe({ summary: 'Breaks.' })
  broken(): never {
    throw new Error('secret');
  }

  @Get('forbidden')
  @Describe({ summary: 'Speaks of refusals as Nest does.' })
  forbidden(): never {
    throw new HttpException('secret', 403);
  }
  // <% if .accounts %>

  @Get('unauthorized')
  @Describe({ summary: 'Knows nobody.' })
  unauthorized(): never {
    throw new HttpException('secret', 401);
  }
  // <% end %>
}

@Controller('v1/undescribed')
class UndescribedController {
  @Get()
  read(): object {
    return {};
  }
}

async function start(controller: Type): Promise<TestService> {
  const builder = Test.createTestingModule({ imports: [AppModule.forRoot(config)], controllers: [controller] });
  const app = (await builder.compile()).createNestApplication<NestExpressApplication>(new AnswerAdapter(), {
    bodyParser: false,
  });
  return serve(await prepare(app, config));
}
// <% if .accounts %>

test('a route that does not say who may call it wants a signed-in user', async () => {
  const service = await start(NewController);
  const answer = await service.get('/v1/new');
  expect(answer.status).toBe(401);
  expect(answer.text).not.toContain('secret');
  // Who may not call learns nothing of what is wrong with the input.
  expect((await service.get('/v1/new?unknown=1')).status).toBe(401);
});

test('only these routes are open to anybody', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule.forRoot(config)] }).compile();
  const operations = module.get(OperationsExplorer).operations();
  const open = operations.filter(({ access, hidden }) => access === 'public' && !hidden).map(({ id }) => id);
  expect(open.toSorted()).toEqual([
    'forgot_password',
    'healthz',
    'jwks',
    'login',
    'logout',
    'readyz',
    'refresh',
    'register',
    'resend_verification',
    'reset_password',
    'verify_email',
  ]);
  await module.close();
});
// <% end %>

test('a route that is not described stops the start', async () => {
  await expect(start(UndescribedController)).rejects.toThrow('UndescribedController.read: no @Describe()');
});

test("what is thrown leaves as problem details, Nest's own exceptions too, and says nothing of the inside", async () => {
  const service = await start(FailingController);
  for (const [path, status] of [
    ['broken', 500],
    ['forbidden', 403],
    // <% if .accounts %>
    ['unauthorized', 401],
    // <% end %>
  ] as const) {
    const answer = await service.get(`/v1/failing/${path}`);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ status, request_id: answer.headers['x-request-id'] });
    expect(answer.text).not.toContain('secret');
  }
});
