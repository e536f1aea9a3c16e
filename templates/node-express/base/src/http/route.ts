/** A route: what it declares, and the handler that gets exactly that. */

import type { Request, Response } from 'express';
import type { z } from 'zod';

// <% if .accounts %>
import type { Principal } from '../auth/permissions.ts';
// <% end %>
import { current } from '../core/context.ts';
import type { Operation } from '../core/operation.ts';
import { fromIssues, notFound, sendJson } from '../core/problem.ts';
import { checkQuery, parseJson } from '../core/request.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What a handler gets: only what its operation declares, checked. */
export interface Input<O extends Operation> {
  body: O['body'] extends z.ZodType ? z.output<O['body']> : undefined;
  query: O['query'] extends z.ZodType ? z.output<O['query']> : undefined;
  /** The ids in the path. */
  ids: Record<IdsOf<O['path']>, string>;
  // <% if .accounts %>
  principal: O['access'] extends 'public' ? undefined : Principal;
  // <% end %>
  req: Request;
  res: Response;
}

type IdsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | IdsOf<Rest> : never;
type Answer<O extends Operation> = O['answer'] extends z.ZodType ? z.input<O['answer']> : void;

export interface Route {
  operation: Operation;
  handle: (req: Request, res: Response) => Promise<void>;
}

/** Bind a handler to its operation; what it returns leaves as the declared answer, nothing more. */
export function route<const O extends Operation, const A extends Answer<O>>(
  operation: O,
  handler: (input: Input<O>) => A | Promise<A>,
): Route {
  const { answer, status = 200 } = operation as Operation;
  const handle = async (req: Request, res: Response): Promise<void> => {
    const value = await handler({ ...readInput(operation, req), req, res } as Input<O>);
    if (res.headersSent) return;
    if (res.statusCode === 200) res.statusCode = status;
    if (answer === undefined) res.end();
    else sendJson(res, answer.parse(value));
  };
  return { operation, handle };
}

/** After authentication: parameters, then the body. */
function readInput(operation: Operation, { params }: Request): object {
  const context = current();
  for (const id of Object.values(params)) if (!UUID.test(String(id))) throw notFound();
  const query = checkQuery(operation, context);
  return {
    ids: params,
    query: operation.query && parsed(operation.query, query),
    body: operation.body && parsed(operation.body, parseJson(context.raw)),
    // <% if .accounts %>
    principal: context.principal,
    // <% end %>
  };
}

function parsed(schema: z.ZodType, value: unknown): unknown {
  const { success, data, error } = schema.safeParse(value);
  if (!success) throw fromIssues(error.issues);
  return data;
}
