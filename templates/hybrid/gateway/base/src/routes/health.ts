/** Probes: alive, and ready for traffic. */

import { Health, isReady } from '../core/health.ts';
import { route, type Route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

export function healthRoutes({ db, life, service }: Parts): Route[] {
  return [
    route(
      {
        id: 'healthz',
        method: 'GET',
        path: '/healthz',
        tag: 'health',
        summary: 'Say that the process lives.',
        access: 'public',
        answer: Health,
      },
      () => ({ status: 'ok' }),
    ),
    route(
      {
        id: 'readyz',
        method: 'GET',
        path: '/readyz',
        tag: 'health',
        summary: 'Say whether requests are welcome: the database is there, the process is not ending.',
        access: 'public',
        answer: Health,
        also: { 503: Health },
      },
      async ({ res }) => {
        const ready = (await isReady(db, life)) && (await service.hasAnswered());
        res.status(ready ? 200 : 503);
        return { status: ready ? 'ok' : 'unavailable' };
      },
    ),
  ];
}
