import { Global, Module, StandardSchemaSerializerInterceptor } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE, DiscoveryModule } from '@nestjs/core';

import { InputInterceptor } from './input.interceptor.ts';
import { OperationsExplorer } from './operations.explorer.ts';
import { ProblemFilter } from './problem.filter.ts';
import { SchemaPipe } from './schema.pipe.ts';

/** What holds for every route, whichever module it is in. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    OperationsExplorer,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_INTERCEPTOR, useClass: InputInterceptor },
    { provide: APP_INTERCEPTOR, useClass: StandardSchemaSerializerInterceptor },
    { provide: APP_PIPE, useClass: SchemaPipe },
  ],
  exports: [OperationsExplorer],
})
export class HttpModule {}
