import { type DynamicModule, Module } from '@nestjs/common';

import type { Config } from '../core/config.ts';

/** `@Inject(CONFIG) private readonly config: Config` */
export const CONFIG = Symbol('Config');

@Module({})
export class ConfigModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: CONFIG, useValue: config }],
      exports: [CONFIG],
    };
  }
}
