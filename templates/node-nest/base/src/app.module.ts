import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';

// <% if .accounts %>
import { AuthModule } from './auth/auth.module.ts';
import { MailboxModule } from './auth/mailbox.module.ts';
// <% end %>
import { ConfigModule } from './config/config.module.ts';
// <% if .accounts %>
import { type Config, isProduction } from './core/config.ts';
// <% else %>
import type { Config } from './core/config.ts';
// <% end %>
import { DatabaseModule } from './database/database.module.ts';
import { DocsModule } from './docs/docs.module.ts';
import { HealthModule } from './health/health.module.ts';
import { HttpModule } from './http/http.module.ts';
import { ItemsModule } from './items/items.module.ts';
import { StoreModule } from './store/store.module.ts';

type Imports = NonNullable<ModuleMetadata['imports']>;

@Module({})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    const imports: Imports = [
      ConfigModule.forRoot(config),
      DatabaseModule,
      StoreModule,
      HttpModule,
      HealthModule,
      ItemsModule,
    ];
    // <% if .accounts %>
    imports.push(AuthModule);
    if (!isProduction(config)) imports.push(MailboxModule);
    // <% end %>
    if (config.DOCS) imports.push(DocsModule);
    return { module: AppModule, imports };
  }
}
