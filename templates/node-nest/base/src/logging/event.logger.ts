import type { LoggerService } from '@nestjs/common';

import { event } from '../core/logging.ts';

/** What Nest itself has to say becomes events like all others; its progress is nobody's concern. */
export class EventLogger implements LoggerService {
  log(): void {}

  warn(message: unknown): void {
    event('sys_warning', { level: 'warning', description: String(message) });
  }

  error(message: unknown): void {
    event('sys_error', { level: 'error', description: String(message) });
  }
}
