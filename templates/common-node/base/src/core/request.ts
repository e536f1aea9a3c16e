/** What a request may look like: sizes, media types, parameters, JSON. */

import type { IncomingMessage } from 'node:http';

import type { RequestContext } from './context.ts';
import type { Operation } from './operation.ts';
import { fieldError, Problem } from './problem.ts';

const BODY_LIMITS: [string, number][] = [
  // How many bytes a body may have; the first prefix that fits.
  // <% if .accounts %>
  ['/v1/auth/', 64 * 1024],
  // <% end %>
  ['/', 1024 * 1024],
];
const DISCARD_BYTES = 1024 * 1024;
const MAX_URL = 8 * 1024;
const MAX_NESTING = 32;
const DISCARD_MILLISECONDS = 2000;
const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;
export const NOTHING = Buffer.alloc(0);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function checkUrl(url: string): void {
  if (url.length > MAX_URL) throw new Problem(414, 'uri-too-long');
}

export function checkMediaTypes(operation: Operation, req: IncomingMessage): void {
  const { headers } = req;
  const wrongType = (operation.body !== undefined || hasBody(req)) && !JSON_TYPE.test(headers['content-type'] ?? '');
  if (wrongType || 'content-encoding' in headers) {
    throw new Problem(415, 'unsupported-media-type', { headers: { Accept: 'application/json' } });
  }
  if (headers.accept !== undefined && !accepts(headers.accept, operation.mediaType ?? 'application/json')) {
    throw new Problem(406, 'not-acceptable');
  }
}

function accepts(accept: string, mediaType: string): boolean {
  const family = `${mediaType.split('/')[0]}/*`;
  const wanted = new Set(['*/*', 'application/*', 'application/problem+json', family, mediaType]);
  return accept
    .toLowerCase()
    .split(',')
    .some((entry) => {
      const [kind = '', ...parameters] = entry.split(';').map((part) => part.trim());
      return wanted.has(kind) && !parameters.some((one) => /^q=0(\.0*)?$/.test(one));
    });
}

function hasBody(req: IncomingMessage): boolean {
  return (req.headers['content-length'] ?? '0') !== '0' || 'transfer-encoding' in req.headers;
}

/** The whole body, never more than the limit of it; the server bounds the time. */
export function readBody(req: IncomingMessage, path: string): Promise<Buffer> | Buffer {
  if (!hasBody(req)) return NOTHING;
  const [, limit = 0] = BODY_LIMITS.find(([prefix]) => path.startsWith(prefix)) ?? [];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const refuse = (): void => reject(new Problem(413, 'payload-too-large', { headers: { Connection: 'close' } }));
  const chunks: Buffer[] = [];
  let size = 0;
  let deadline: NodeJS.Timeout | undefined;
  // Reads on a little: a client that is cut off while sending sees no answer.
  const discard = (): void => {
    deadline ??= setTimeout(refuse, DISCARD_MILLISECONDS);
    if (size > limit + DISCARD_BYTES) refuse();
  };
  if (Number(req.headers['content-length'] ?? 0) > limit) discard();
  req.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) discard();
    else chunks.push(chunk);
  });
  req.on('end', () => (size > limit ? refuse() : resolve(Buffer.concat(chunks))));
  req.on('close', () => {
    clearTimeout(deadline);
    reject(new Problem(400, 'bad-request'));
  });
  return promise;
}

/** The parameters of a query, each known and there once. */
export function checkQuery(operation: Operation, context: RequestContext): Record<string, string> {
  if (context.search.length < 2) return {};
  const known = operation.query?.shape ?? {};
  const pairs = [...new URLSearchParams(context.search)];
  if (pairs.some(([name]) => !Object.hasOwn(known, name))) throw fieldError('', 'Unknown query parameter');
  const query = Object.fromEntries(pairs);
  if (Object.keys(query).length < pairs.length) {
    throw new Problem(400, 'bad-request', { detail: 'A query parameter is repeated' });
  }
  return query;
}

/** Bounded before it is parsed: the parser itself would follow any depth. */
export function parseJson(raw: Buffer): unknown {
  try {
    const text = utf8.decode(raw);
    if (!nestsTooDeep(text)) return JSON.parse(text) as unknown;
  } catch {
    // Not UTF-8 or not JSON: refused like what is nested too deep.
  }
  throw new Problem(400, 'malformed-json');
}

/**
 * Whether brackets go too deep; those inside of strings do not count. A string without an end reaches to the end of the
 * text: to try again from each quote inside of it would take minutes.
 */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > MAX_NESTING) return true;
  }
  return false;
}
