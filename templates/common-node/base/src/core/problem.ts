/** Problem details (RFC 9457): the one way this service says no. */

import type { ServerResponse } from 'node:http';

import type { z } from 'zod';

import { isConflict, isOutage } from './db.ts';
import { logError } from './logging.ts';

const TITLES = {
  'malformed-json': 'The body is not valid JSON',
  validation: 'The request is not valid',
  'bad-request': 'The request is not valid',
  forbidden: 'Not allowed',
  'cross-origin-forbidden': 'Cross-origin request refused',
  'not-found': 'Not found',
  'method-not-allowed': 'Method not allowed',
  'not-acceptable': 'Not acceptable',
  conflict: 'Conflict with the current state',
  'payload-too-large': 'The body is too large',
  'unsupported-media-type': 'Unsupported media type',
  'invalid-host': 'Unknown host',
  'invalid-cursor': 'The cursor is not valid',
  'uri-too-long': 'The URL is too long',
  'quota-exceeded': 'Too many requests',
  // <% if .accounts %>
  unauthenticated: 'Authentication is required',
  'invalid-token': 'The access token is not valid',
  'invalid-credentials': 'The credentials are not valid',
  'step-up-required': 'A fresh sign-in is required',
  'password-blocked': 'The password cannot be used',
  // <% end %>
  // <% if .idempotency %>
  'idempotency-mismatch': 'The key was used with another body',
  // <% end %>
  internal: 'Internal error',
  unavailable: 'Temporarily unavailable',
} as const;

const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

export type Slug = keyof typeof TITLES;

export interface FieldError {
  /** JSON pointer into the body, or empty. */
  pointer: string;
  detail: string;
}

export interface ProblemOptions {
  detail?: string;
  headers?: Readonly<Record<string, string>>;
  errors?: readonly FieldError[];
  extra?: Readonly<Record<string, unknown>>;
}

/** An answer that refuses. Thrown anywhere, rendered in one place. */
export class Problem extends Error {
  readonly status: number;
  readonly slug: Slug;
  readonly options: ProblemOptions;

  constructor(status: number, slug: Slug, options: ProblemOptions = {}) {
    super(slug);
    this.status = status;
    this.slug = slug;
    this.options = options;
  }

  get headers(): Record<string, string> {
    const challenge = this.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
    return { ...challenge, ...this.options.headers };
  }

  body(requestId: string): Record<string, unknown> {
    const { detail, errors, extra } = this.options;
    return {
      type: this.slug === 'quota-exceeded' ? QUOTA_EXCEEDED : `/problems/${this.slug}`,
      title: TITLES[this.slug],
      status: this.status,
      request_id: requestId,
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined ? {} : { errors }),
      ...extra,
    };
  }
}

/** Unknown and not yours are the same answer. */
export function notFound(): Problem {
  return new Problem(404, 'not-found');
}

/** 422 for one member, with its JSON pointer ("/email"). */
export function fieldError(pointer: string, detail: string): Problem {
  return new Problem(422, 'validation', { errors: [{ pointer, detail }] });
}

/** Say where and why input is wrong, never what was sent. */
export function fromIssues(issues: readonly z.core.$ZodIssue[]): Problem {
  const errors = issues.flatMap((issue): FieldError[] => {
    const pointer = issue.path.map((part) => `/${escape(String(part))}`).join('');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ pointer: `${pointer}/${escape(key)}`, detail: 'Unknown member' }));
    }
    const detail = issue.code === 'invalid_format' ? 'Contains a character that is not allowed here' : issue.message;
    return [{ pointer, detail }];
  });
  return new Problem(422, 'validation', { errors });
}

/** RFC 6901, and no longer than a name would be. */
function escape(part: string): string {
  return part.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What a caller learns of any error. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isConflict(error)) return new Problem(409, 'conflict'); // no fault of the service
  logError(error);
  if (isOutage(error)) return new Problem(503, 'unavailable', { headers: { 'Retry-After': '5' } });
  return new Problem(500, 'internal');
}

export function sendProblem(res: ServerResponse, error: unknown): void {
  const problem = asProblem(error);
  if (res.headersSent) {
    res.destroy(); // too late to say it otherwise
    return;
  }
  res.statusCode = problem.status;
  for (const [name, value] of Object.entries(problem.headers)) res.setHeader(name, value);
  sendJson(res, problem.body(String(res.getHeader('X-Request-Id'))), 'application/problem+json');
}

/** Whatever leaves as JSON, with the status and fields that are set already. */
export function sendJson(res: ServerResponse, value: unknown, mediaType = 'application/json'): void {
  const body = JSON.stringify(value);
  res.setHeader('Content-Type', mediaType);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}
