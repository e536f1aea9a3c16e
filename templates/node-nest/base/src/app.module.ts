import { type DynamicModule, Module } from '@nestjs/common';

// <% if .accounts %>
import { AuthModule } from './auth/auth.module.ts';
// <% end %>
// <% if .benchmark %>
import { BenchmarkModule } from './benchmark/benchmark.module.ts';
// <% end %>
import { CoreModule } from './core.module.ts';
import type { Config } from './core/config.ts';
import { DocsController } from './docs/docs.controller.ts';
import { HealthController } from './health/health.controller.ts';
import { HttpModule } from './http/http.module.ts';
import { ItemsModule } from './items/items.module.ts';

@Module({ imports: [HttpModule, ItemsModule], controllers: [HealthController] })
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    const imports = [CoreModule.forRoot(config)];
    // <% if .accounts %>
    imports.push(AuthModule.forRoot(config));
    // <% end %>
    // <% if .benchmark %>
    if (config.APP_ENV === 'benchmark') imports.push({ module: BenchmarkModule });
    // <% end %>
    return { module: AppModule, imports, controllers: config.DOCS ? [DocsController] : [] };
  }
}
