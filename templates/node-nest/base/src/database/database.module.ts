import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';

import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../core/config.ts';
import { Database, openDatabase } from '../core/db.ts';

@Global()
@Module({
  providers: [
    { provide: Database, inject: [CONFIG], useFactory: (config: Config) => openDatabase(config.DATABASE_URL) },
  ],
  exports: [Database],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
