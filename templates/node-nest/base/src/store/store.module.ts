import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';

import { provide } from '../common/provide.ts';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../core/config.ts';
import { RateLimiter } from '../core/ratelimit.ts';
import { openStore, Store } from '../core/store.ts';

@Global()
@Module({
  providers: [
    { provide: Store, inject: [CONFIG], useFactory: (config: Config) => openStore(config.REDIS_URL) },
    provide(RateLimiter, Store, CONFIG),
  ],
  exports: [Store, RateLimiter],
})
export class StoreModule implements OnApplicationShutdown {
  constructor(private readonly store: Store) {}

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
