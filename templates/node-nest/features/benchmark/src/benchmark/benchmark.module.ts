import { Module } from '@nestjs/common';

import { CONFIG, provide } from '../core.module.ts';
import { BenchmarkController } from './benchmark.controller.ts';
import { Streams } from './streams.ts';
import { UpstreamService } from './upstream.ts';

@Module({ controllers: [BenchmarkController], providers: [provide(Streams), provide(UpstreamService, CONFIG)] })
export class BenchmarkModule {}
