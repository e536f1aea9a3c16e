import type { ServerResponse } from 'node:http';

import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';

import { sendProblem } from '../core/problem.ts';

/** Whatever is thrown in a controller, guard, interceptor or pipe leaves as problem details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    sendProblem(host.switchToHttp().getResponse<ServerResponse>(), error);
  }
}
