/** The API's description (OpenAPI 3.1): what the operations declare and what the envelope adds to each. */

import { STATUS_CODES } from 'node:http';

import { z } from 'zod';

import { TITLE } from './config.ts';
// <% if .idempotency %>
import { isRetriable } from './idempotency.ts';
// <% end %>
import type { Operation } from './operation.ts';

type Json = Record<string, unknown>;

const ABOUT =
  'What is not described here is refused: other members, parameters, types. Refusals are problem details (RFC 9457).';
/** What the envelope may say to any request, whatever it asks for. */
const REFUSALS = [400, 406, 408, 413, 414, 415, 422, 431, 500, 503];
const TEXT = { type: 'string' };
const FIELD = { required: true, schema: TEXT };
const REFUSAL_FIELDS: Readonly<Record<number, string>> = {
  401: 'WWW-Authenticate',
  429: 'Retry-After',
  503: 'Retry-After',
};
const FIELD_ERROR = {
  type: 'object',
  required: ['pointer', 'detail'],
  additionalProperties: false,
  properties: { pointer: TEXT, detail: TEXT },
};
const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'request_id'],
  additionalProperties: false,
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: TEXT,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: TEXT,
    request_id: { type: 'string', pattern: '^[A-Za-z0-9._-]{8,64}$' },
    errors: { type: 'array', items: { $ref: '#/components/schemas/FieldError' } },
    'violated-policies': { type: 'array', items: TEXT },
  },
};
// <% if .idempotency %>
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Sent again within 24 hours, the same request gets the first answer.',
  schema: { type: 'string', pattern: '^([A-Za-z0-9_-]{8,64}|"[A-Za-z0-9_-]{8,64}")$' },
};
// <% end %>

export function describe(operations: readonly Operation[]): Json {
  const shown = operations.filter((operation) => !operation.hidden);
  const paths: Record<string, Json> = {};
  for (const operation of shown) {
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describeOperation(operation);
  }
  const refused = [...new Set(shown.flatMap(refusals))].toSorted((a, b) => a - b);
  return {
    openapi: '3.1.0',
    info: { title: TITLE, description: ABOUT, version: '0.1.0' },
    paths,
    components: {
      schemas: { ...schemas(), FieldError: FIELD_ERROR, Problem: PROBLEM },
      responses: Object.fromEntries(refused.map((status) => [status, describeRefusal(status)])),
      // <% if .accounts %>
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      // <% end %>
    },
  };
}

function describeOperation(operation: Operation): Json {
  const { id, tag, summary, body, status = 200, answer, also = {} } = operation;
  const parameters = describeParameters(operation);
  const answers = Object.entries({ [status]: answer, ...also });
  return {
    tags: [tag],
    summary,
    operationId: id,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: content(body) } } : {}),
    responses: {
      ...Object.fromEntries(refusals(operation).map((one) => [one, { $ref: `#/components/responses/${one}` }])),
      ...Object.fromEntries(answers.map(([one, schema]) => [one, describeAnswer(operation, Number(one), schema)])),
    },
    // <% if .accounts %>
    ...(operation.access === 'public' ? {} : { security: [{ accessToken: [] }] }),
    // <% end %>
  };
}

function describeParameters(operation: Operation): Json[] {
  const ids = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  }));
  const { properties = {} } = operation.query ? z.toJSONSchema(operation.query) : {};
  const queries = Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
  // <% if .idempotency %>
  if (isRetriable(operation)) return [...ids, ...queries, IDEMPOTENCY_KEY];
  // <% end %>
  return [...ids, ...queries];
}

function describeAnswer(operation: Operation, status: number, schema?: z.ZodType): Json {
  const headers = {
    'X-Request-Id': FIELD,
    ...(isProbe(operation) ? {} : { RateLimit: FIELD, 'RateLimit-Policy': FIELD }),
    // <% if .idempotency %>
    ...(isRetriable(operation) ? { 'Idempotent-Replayed': { schema: { const: 'true' } } } : {}),
    // <% end %>
    ...(status === 201 ? { Location: FIELD } : {}),
    // <% if .accounts %>
    ...(operation.setsCookie ? { 'Set-Cookie': { schema: TEXT } } : {}),
    // <% end %>
  };
  return { description: STATUS_CODES[status], headers, ...(schema ? { content: content(schema) } : {}) };
}

function describeRefusal(status: number): Json {
  const names = ['X-Request-Id', REFUSAL_FIELDS[status] ?? []].flat();
  return {
    description: STATUS_CODES[status],
    headers: Object.fromEntries(names.map((name) => [name, FIELD])),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function refusals(operation: Operation): number[] {
  const found = [...REFUSALS, ...(operation.refusals ?? [])];
  if (!isProbe(operation)) found.push(429);
  // <% if .accounts %>
  if (operation.access !== 'public') found.push(401, 403);
  // <% end %>
  if (operation.method !== 'GET') found.push(403);
  if (operation.path.includes('{')) found.push(404);
  // <% if .idempotency %>
  if (isRetriable(operation)) found.push(409);
  // <% end %>
  return [...new Set(found)];
}

/** Every schema that has a name, as callers see it. */
function schemas(): Json {
  const { schemas: named } = z.toJSONSchema(z.globalRegistry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return Object.fromEntries(Object.entries(named).map(([id, { $schema, $id, ...schema }]) => [id, schema]));
}

function content(schema: z.ZodType): Json {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${schema.meta()?.id}` } } };
}

function isProbe({ tag }: Operation): boolean {
  return tag === 'health';
}
