import { Module } from '@nestjs/common';

// <% if not .accounts %>
import { provide } from '../common/provide.ts';
// <% end %>
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../core/config.ts';
import { Cursors } from '../core/cursor.ts';
// <% if not .accounts %>
import { Database } from '../core/db.ts';
// <% end %>
import { ItemsController } from './items.controller.ts';
import { ItemsService } from './items.service.ts';
// <% if not .accounts %>
import { ItemRepository } from './repository.ts';
// <% end %>

@Module({
  controllers: [ItemsController],
  providers: [
    ItemsService,
    // <% if not .accounts %>
    provide(ItemRepository, Database),
    // <% end %>
    { provide: Cursors, inject: [CONFIG], useFactory: (config: Config) => new Cursors(config.CURSOR_SECRET) },
  ],
})
export class ItemsModule {}
