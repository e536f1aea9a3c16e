import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';

// <% if .accounts %>
import { AuthGuard } from '../auth/auth.guard.ts';
// <% end %>
import { ProblemFilter } from './answers.ts';
// <% if .idempotency %>
import { IDEMPOTENCY } from './idempotency.interceptor.ts';
// <% end %>
import { InputGuard, SchemaPipe } from './input.ts';
import { OperationsExplorer } from './operations.explorer.ts';

/** What holds for every route of every module. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    OperationsExplorer,
    { provide: APP_FILTER, useClass: ProblemFilter },
    // <% if .accounts %>
    // Guards run in this order: only who may call learns what is wrong with the input.
    { provide: APP_GUARD, useClass: AuthGuard },
    // <% end %>
    { provide: APP_GUARD, useClass: InputGuard },
    { provide: APP_PIPE, useClass: SchemaPipe },
    // <% if .idempotency %>
    IDEMPOTENCY,
    // <% end %>
  ],
  exports: [OperationsExplorer],
})
export class HttpModule {}
