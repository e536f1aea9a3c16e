import { type DynamicModule, Module } from '@nestjs/common';

// <% if .accounts %>
import { AuthModule } from './auth/auth.module.ts';
// <% end %>
import { ConfigModule } from './config/config.module.ts';
import type { Config } from './core/config.ts';
import { DatabaseModule } from './database/database.module.ts';
import { DocsModule } from './docs/docs.module.ts';
import { HealthModule } from './health/health.module.ts';
import { HttpModule } from './http/http.module.ts';
import { ItemsModule } from './items/items.module.ts';
import { StoreModule } from './store/store.module.ts';

@Module({
  imports: [
    DatabaseModule,
    StoreModule,
    HttpModule,
    HealthModule,
    // <% if .accounts %>
    AuthModule,
    // <% end %>
    ItemsModule,
  ],
})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    const imports = [ConfigModule.forRoot(config), ...(config.DOCS ? [DocsModule] : [])];
    return { module: AppModule, imports };
  }
}
