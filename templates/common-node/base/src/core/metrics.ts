/** Numbers for Prometheus, on a port of their own. */

import { createServer, type Server } from 'node:http';

import { Histogram, Registry } from 'prom-client';

const registry = new Registry();

/** Routes are templates, so that a scanner makes no new series. */
export const requestSeconds = new Histogram({
  name: 'http_request_seconds',
  help: 'Time to answer',
  labelNames: ['method', 'route', 'status'],
  registers: [registry],
});

export function metricsServer(): Server {
  return createServer((req, res) => {
    if (req.url !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    void registry.metrics().then((text) => res.writeHead(200, { 'Content-Type': registry.contentType }).end(text));
  });
}
