import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from './app.module.ts';
// <% if .accounts %>
import { Authenticator } from './auth/permissions.ts';
// <% end %>
import type { Config } from './core/config.ts';
import { envelope, type Life } from './core/envelope.ts';
import { describe } from './core/openapi.ts';
import { RateLimiter } from './core/ratelimit.ts';
import type { Service } from './core/server.ts';
import { LIFE } from './health/life.ts';
import { OperationsExplorer } from './http/operations.explorer.ts';
import { EventLogger } from './logging/event.logger.ts';

/** The application with everything open that it needs, ready for a server to listen. */
export async function createService(config: Config): Promise<Service> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), {
    abortOnError: false,
    bodyParser: false,
    logger: new EventLogger(),
  });
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  // In front of the router, not a middleware of some routes: no spelling of a path leads around it.
  // <% if .accounts %>
  const authenticator = app.get(Authenticator);
  // <% end %>
  const life = app.get<Life>(LIFE);
  const operations = app.get(OperationsExplorer).operations();
  app.use(
    envelope({
      config,
      operations,
      limiter: app.get(RateLimiter),
      life,
      // <% if .accounts %>
      identify: (request) => authenticator.identify(request),
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
