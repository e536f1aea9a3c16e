/** Starts the Python service once for all tests, with a key pair and a database of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    serviceUrl: string;
    serviceKey: string;
  }
}

const SERVICE = new URL('../../../service/', import.meta.url);

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'scaffold-sample-service-'));
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const [port, metricsPort] = await Promise.all([freePort(), freePort()]);
  const env = {
    PATH: process.env['PATH'],
    PYTHONPATH: new URL('src', SERVICE).pathname,
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    DATABASE_URL: `sqlite:///${folder}/service.db`,
    CURSOR_SECRET: randomBytes(48).toString('base64url'),
    GATEWAY_PUBLIC_KEYS: keys.publicKey,
    LOG_LEVEL: 'error',
  };
  const start = (command: string): ChildProcess =>
    spawn(new URL('.venv/bin/python', SERVICE).pathname, ['-m', 'app', command], {
      cwd: folder,
      env,
      stdio: 'inherit',
    });

  await once(start('migrate'), 'exit');
  const service = start('serve');
  await isAlive(`http://127.0.0.1:${port}/healthz`, service);
  project.provide('serviceUrl', `http://127.0.0.1:${port}`);
  project.provide('serviceKey', keys.privateKey);
  return async () => {
    const ended = once(service, 'exit');
    service.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  };
}

async function isAlive(url: string, service: ChildProcess): Promise<void> {
  if (service.exitCode !== null) throw new Error('the Python service did not start');
  const alive = await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
  if (alive) return;
  await sleep(50);
  await isAlive(url, service);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
