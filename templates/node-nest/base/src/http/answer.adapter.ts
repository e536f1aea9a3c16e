import type { ServerResponse } from 'node:http';

import { ExpressAdapter } from '@nestjs/platform-express';

import { current } from '../core/context.ts';
import { sendJson } from '../core/problem.ts';

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
