import { ExpressAdapter } from '@nestjs/platform-express';

import { current } from '../core/context.ts';

type Reply = Parameters<ExpressAdapter['reply']>;

/** What a handler returns leaves as its route describes it, or not at all. An interceptor would cost every request more. */
export class AnswerAdapter extends ExpressAdapter {
  override reply(response: Reply[0], body: Reply[1], status?: number): unknown {
    return super.reply(response, current().operation?.answer?.parse(body) ?? body, status);
  }
}
