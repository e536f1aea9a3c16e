/** What operators ask: whether it lives, whether it is ready for traffic, and numbers on a port of their own. */

import { createServer, type Server } from 'node:http';

import { Histogram, Registry } from 'prom-client';
import { z } from 'zod';

import type { Database } from './db.ts';

/** Where the process is in its life. */
export interface Life {
  draining: boolean;
}

export const Health = z.strictObject({ status: z.enum(['ok', 'unavailable']) }).meta({ id: 'Health' });

/** Whether requests are welcome: the database is there, the process is not ending. */
export async function isReady(db: Database, life: Life): Promise<boolean> {
  return !life.draining && (await db.isUp());
}

const registry = new Registry();

/** Routes are templates, so that a scanner makes no new series. */
export const requestSeconds = new Histogram({
  name: 'http_request_seconds',
  help: 'Time to answer',
  labelNames: ['method', 'route', 'status'],
  registers: [registry],
});

/** For Prometheus. */
export function metricsServer(): Server {
  return createServer((req, res) => {
    if (req.url !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    void registry.metrics().then((text) => res.writeHead(200, { 'Content-Type': registry.contentType }).end(text));
  });
}
