import { Module } from '@nestjs/common';

import type { Life } from '../core/envelope.ts';
import { HealthController } from './health.controller.ts';
import { LIFE } from './life.ts';

@Module({
  controllers: [HealthController],
  providers: [{ provide: LIFE, useFactory: (): Life => ({ draining: false }) }],
  exports: [LIFE],
})
export class HealthModule {}
