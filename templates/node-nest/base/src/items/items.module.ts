import { Module } from '@nestjs/common';

// <% if not .accounts %>
import { provide } from '../core.module.ts';
import { Database } from '../core/db.ts';
// <% end %>
import { ItemsController } from './items.controller.ts';
import { ItemsService } from './items.service.ts';
// <% if .accounts %>

@Module({ controllers: [ItemsController], providers: [ItemsService] })
// <% else %>
import { ItemRepository } from './repository.ts';

@Module({ controllers: [ItemsController], providers: [ItemsService, provide(ItemRepository, Database)] })
// <% end %>
export class ItemsModule {}
