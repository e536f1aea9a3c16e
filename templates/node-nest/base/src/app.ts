import 'reflect-metadata';

import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from './app.module.ts';
// <% if .accounts %>
import { Authenticator } from './auth/permissions.ts';
// <% end %>
import { LIFE } from './core.module.ts';
import type { Config } from './core/config.ts';
import { envelope } from './core/envelope.ts';
import type { Life } from './core/health.ts';
import { event } from './core/logging.ts';
import { describe } from './core/openapi.ts';
import { RateLimiter } from './core/ratelimit.ts';
import type { Service } from './core/server.ts';
import { AnswerAdapter } from './http/answers.ts';
import { OperationsExplorer } from './http/operations.explorer.ts';

/** What Nest itself has to say becomes events like all others; its progress is nobody's concern. */
const logger: LoggerService = {
  log() {},
  warn: (message) => event('sys_warning', { level: 'warning', description: String(message) }),
  error: (message) => event('sys_error', { level: 'error', description: String(message) }),
};

/** The service with everything open that it needs; for a server to listen. */
export async function createService(config: Config): Promise<Service> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), new AnswerAdapter(), {
    abortOnError: false,
    bodyParser: false,
    logger,
  });
  return prepare(app, config);
}

/** Puts around an application what every request passes. */
export async function prepare(app: NestExpressApplication, config: Config): Promise<Service> {
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  const operations = app.get(OperationsExplorer).operations();
  const life = app.get<Life>(LIFE);
  // <% if .accounts %>
  const authenticator = app.get(Authenticator);
  // <% end %>
  // In front of the router, not a middleware of some routes: no spelling of a path leads around it.
  app.use(
    envelope({
      config,
      operations,
      life,
      limiter: app.get(RateLimiter),
      // <% if .accounts %>
      identify: async (request) => (await authenticator.claims(request))?.userId,
      // <% end %>
    }),
  );
  await app.init();
  return {
    config,
    life,
    listener: app.getHttpAdapter().getInstance(),
    openapi: () => describe(operations),
    close: () => app.close(),
  };
}
