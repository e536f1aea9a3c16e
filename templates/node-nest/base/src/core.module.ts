import {
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';

import type { Config } from './core/config.ts';
import { Cursors } from './core/cursor.ts';
import { Database, openDatabase } from './core/db.ts';
import type { Life } from './core/health.ts';
import { RateLimiter } from './core/ratelimit.ts';
import { openStore, Store } from './core/store.ts';

/** `@Inject(CONFIG) private readonly config: Config` */
export const CONFIG = Symbol('Config');
/** `@Inject(LIFE) private readonly life: Life` */
export const LIFE = Symbol('Life');

/** A provider for a class of the core, which knows nothing of Nest: its constructor's arguments as tokens. */
export function provide<Dependencies extends unknown[], T>(
  type: new (...dependencies: Dependencies) => T,
  ...inject: { [Index in keyof Dependencies]: InjectionToken }
): FactoryProvider<T> {
  return { provide: type, inject, useFactory: (...dependencies: Dependencies) => new type(...dependencies) };
}

/** What any module may inject; what is open is closed when the application ends. */
@Module({})
export class CoreModule implements OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly store: Store,
  ) {}

  static forRoot(config: Config): DynamicModule {
    const life: Life = { draining: false };
    return {
      module: CoreModule,
      global: true,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LIFE, useValue: life },
        { provide: Database, useFactory: () => openDatabase(config.DATABASE_URL) },
        { provide: Store, useFactory: () => openStore(config.REDIS_URL) },
        { provide: Cursors, useValue: new Cursors(config.CURSOR_SECRET) },
        provide(RateLimiter, Store, CONFIG),
      ],
      exports: [CONFIG, LIFE, Database, Store, Cursors, RateLimiter],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
    await this.database.close();
  }
}
