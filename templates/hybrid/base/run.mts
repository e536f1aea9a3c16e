/**
 * Both halves on this machine: for development, and for `scaffold verify`. In production each is a container of its own.
 *
 *     node run.mts serve        the gateway, and the service on a free port, until told to stop
 *     node run.mts migrate      both databases
 *     node run.mts COMMAND …    a command of the gateway
 *
 * Every start makes a new key pair: the gateway gets the private half, the service the public one.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const GATEWAY = new URL('gateway/', import.meta.url);
const SERVICE = new URL('service/', import.meta.url);
const PYTHON = new URL('.venv/bin/python', SERVICE).pathname;

const keys = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const [port, metricsPort] = await Promise.all([freePort(), freePort()]);

const [command = 'serve', ...operands] = process.argv.slice(2);
switch (command) {
  case 'serve':
    process.exitCode = await serve();
    break;
  case 'migrate':
    process.exitCode = (await ended(startService('migrate'))) || (await ended(startGateway('migrate')));
    break;
  default:
    process.exitCode = await ended(startGateway(command, ...operands));
}

async function serve(): Promise<number> {
  const stop = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)));
  const service = startService('serve');
  const serviceEnds = ended(service);
  const gateway = startGateway('serve');
  const gatewayEnds = ended(gateway);
  // Whatever ends first, the other follows; the service last, so that requests in flight are answered.
  const first = await Promise.race([stop.then(() => undefined), gatewayEnds, serviceEnds]);
  gateway.kill('SIGTERM');
  const code = await gatewayEnds;
  service.kill('SIGTERM');
  await serviceEnds;
  return first ?? code;
}

function startService(word: string): ChildProcess {
  // What is the gateway's alone stays with it.
  const { JWT_PRIVATE_KEYS, REDIS_URL, SMTP_URL, ...shared } = process.env;
  const own = {
    BIND: '127.0.0.1',
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    GATEWAY_PUBLIC_KEYS: keys.publicKey,
  };
  return spawn(PYTHON, ['-m', 'app', word], { cwd: SERVICE, env: { ...shared, ...own }, stdio: 'inherit' });
}

function startGateway(...words: string[]): ChildProcess {
  const env = { ...process.env, SERVICE_URL: `http://127.0.0.1:${port}`, SERVICE_PRIVATE_KEY: keys.privateKey };
  const watch = words[0] === 'serve' && process.env['APP_ENV'] !== 'production';
  const program = watch ? ['--watch', '--watch-path=src', 'src/main.ts'] : ['dist/main.js'];
  return spawn(process.execPath, [...program, ...words], { cwd: GATEWAY, env, stdio: 'inherit' });
}

/** Resolves with the exit code; 1 when a signal or a missing program ended it. */
async function ended(child: ChildProcess): Promise<number> {
  try {
    await once(child, 'exit');
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}: run "make setup" first\n`);
  }
  return child.exitCode ?? 1;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
