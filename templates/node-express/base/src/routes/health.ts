/** Probes: alive, and ready for traffic. */

import { Health, isReady } from '../core/health.ts';
import { route, type Route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const PROBE = { method: 'GET', tag: 'health', access: 'public', answer: Health } as const;

export function healthRoutes({ db, life }: Parts): Route[] {
  return [
    route({ ...PROBE, id: 'healthz', path: '/healthz', summary: 'Say that the process lives.' }, () => ({
      status: 'ok',
    })),
    route(
      {
        ...PROBE,
        id: 'readyz',
        path: '/readyz',
        summary: 'Say whether requests are welcome: the database is there, the process is not ending.',
        also: { 503: Health },
      },
      async ({ res }) => {
        const ready = await isReady(db, life);
        res.status(ready ? 200 : 503);
        return { status: ready ? 'ok' : 'unavailable' };
      },
    ),
  ];
}
