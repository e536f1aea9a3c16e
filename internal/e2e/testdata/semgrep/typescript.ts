// What the rules of typescript.yaml find (ruleid) and what they leave alone (ok). Never run.
import { execFile, execSync, spawn } from 'node:child_process';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

function statements(pool: Pool, db: Database, name: string): void {
  // ruleid: typescript-sql-from-text
  pool.query(`SELECT * FROM items WHERE title = '${name}'`);
  // ruleid: typescript-sql-from-text
  db.prepare('SELECT * FROM ' + name);
  // ruleid: typescript-sql-from-text
  db.exec(`DROP TABLE ${name}`);
  // ruleid: typescript-sql-from-text
  sql.raw(name);
  // ok: typescript-sql-from-text
  pool.query('SELECT * FROM items WHERE title = $1', [name]);
  // ok: typescript-sql-from-text
  sql`SELECT * FROM items WHERE title = ${name}`.execute(db);
  // ok: typescript-sql-from-text
  db.exec('PRAGMA journal_mode = WAL');
}

function code(name: string): void {
  // ruleid: typescript-dynamic-code
  eval(name);
  // ruleid: typescript-dynamic-code
  new Function(name)();
  // ok: typescript-dynamic-code
  handlers.get(name)?.();
}

function shell(name: string): void {
  // ruleid: typescript-shell
  execSync(`ls ${name}`);
  // ruleid: typescript-shell
  spawn('ls', [name], { shell: true });
  // ok: typescript-shell
  execFile('/bin/ls', [name]);
  // ok: typescript-shell
  /a+/.exec(name);
}

function tls(): void {
  // ruleid: typescript-tls-unverified
  connect({ host: 'example.com', rejectUnauthorized: false });
  // ruleid: typescript-tls-unverified
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  // ok: typescript-tls-unverified
  connect({ host: 'example.com', rejectUnauthorized: true });
}

function compare(given: string, csrfToken: string, config: Config): boolean {
  // ruleid: typescript-secret-compared
  if (given === config.webhookSecret) return true;
  // ruleid: typescript-secret-compared
  if (csrfToken !== given) return false;
  // ok: typescript-secret-compared
  if (csrfToken === undefined) return false;
  // ok: typescript-secret-compared
  if (csrfToken === '') return false;
  // ok: typescript-secret-compared
  return timingSafeEqual(Buffer.from(given), Buffer.from(csrfToken));
}

function numbers(): void {
  // ruleid: typescript-weak-random
  Math.random();
  // ok: typescript-weak-random
  randomBytes(32);
}

function hashes(data: string): void {
  // ruleid: typescript-weak-hash
  createHash('md5').update(data);
  // ok: typescript-weak-hash
  createHash('sha256').update(data);
}

async function tokens(token: string, key: Key): Promise<void> {
  // ruleid: typescript-token-unverified
  decodeJwt(token);
  // ruleid: typescript-token-unverified
  await jwtVerify(token, key, { issuer: 'me' });
  // ok: typescript-token-unverified
  await jwtVerify(token, key, { issuer: 'me', algorithms: ['ES256'] });
  // ok: typescript-token-unverified
  await jwtVerify(token, ({ kid, alg }) => keyFor(kid, alg), { issuer: 'me' });
}

function html(element: Element, name: string): void {
  // ruleid: typescript-html-from-text
  element.innerHTML = name;
  // ok: typescript-html-from-text
  element.textContent = name;
}

function routes(app: Express): void {
  // ruleid: express-route-undeclared
  app.get('/v1/quick', quick);
  // ok: express-route-undeclared
  route(app, listItems, list);
  // ok: express-route-undeclared
  app.get('env');
}
