/** The gateway's service, before the real one of Python. */

import { inject } from 'vitest';

import type { Config } from '../../src/core/config.ts';
import type { Service } from '../../src/core/server.ts';
import { createService as createGateway } from '../../src/app.ts';

export async function createService(config: Config): Promise<Service> {
  const behind = { SERVICE_URL: inject('serviceUrl'), SERVICE_PRIVATE_KEY: inject('serviceKey') };
  return createGateway({ ...behind, ...config, ...behind });
}
