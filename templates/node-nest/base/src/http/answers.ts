import type { ServerResponse } from 'node:http';

import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';

import { current } from '../core/context.ts';
import { Problem, sendJson, sendProblem, type Slug } from '../core/problem.ts';

type Reply = Parameters<ExpressAdapter['reply']>;

/** What a handler returns leaves as its route describes it, or not at all. An interceptor would cost every request more. */
export class AnswerAdapter extends ExpressAdapter {
  override reply(response: Reply[0], body: Reply[1], status?: number): unknown {
    const answer = current().operation?.answer;
    if (answer === undefined) return super.reply(response, body, status);
    if (status !== undefined) (response as ServerResponse).statusCode = status;
    return sendJson(response as ServerResponse, answer.parse(body));
  }
}

const SLUGS: Readonly<Record<number, Slug>> = {
  400: 'bad-request',
  // <% if .accounts %>
  401: 'unauthenticated',
  // <% end %>
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  422: 'validation',
  503: 'unavailable',
};

/** Whatever is thrown in a controller, guard, interceptor or pipe leaves as problem details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    sendProblem(
      host.switchToHttp().getResponse<ServerResponse>(),
      error instanceof HttpException ? translated(error) : error,
    );
  }
}

/** Nest's own exceptions, without their texts, which may quote what was sent. */
function translated(error: HttpException): unknown {
  const slug = SLUGS[error.getStatus()];
  return slug === undefined ? error : new Problem(error.getStatus(), slug);
}
