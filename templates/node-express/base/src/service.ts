/** The service as a process runs it. */

import { createApp } from './app.ts';
import type { Config } from './core/config.ts';
import { describe } from './core/openapi.ts';
import type { Service } from './core/server.ts';
import { openParts } from './parts.ts';

export async function createService(config: Config): Promise<Service> {
  const parts = await openParts(config);
  const { app, operations } = createApp(parts);
  return {
    config,
    life: parts.life,
    listener: app,
    openapi: () => describe(operations),
    close: parts.close,
  };
}
