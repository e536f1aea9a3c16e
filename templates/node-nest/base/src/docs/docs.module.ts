import { Module } from '@nestjs/common';

import { HttpModule } from '../http/http.module.ts';
import { DocsController } from './docs.controller.ts';

@Module({ imports: [HttpModule], controllers: [DocsController] })
export class DocsModule {}
