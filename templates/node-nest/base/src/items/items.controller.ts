import type { ServerResponse } from 'node:http';

import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import type { z } from 'zod';

import { CurrentUser } from '../auth/auth.decorators.ts';
import type { Principal } from '../auth/permissions.ts';
import { pageQuery } from '../core/schemas.ts';
import { Describe } from '../http/describe.decorator.ts';
import { IdParam } from '../http/input.ts';
import { ItemsService } from './items.service.ts';
import { ItemCreate, ItemPage, ItemUpdate, ItemView } from './schemas.ts';

/** The example resource; copy it for your own. */
@Controller('v1/items')
export class ItemsController {
  constructor(private readonly items: ItemsService) {}

  @Post()
  @Describe({ summary: 'Make an item.', answer: ItemView, refusals: [409] })
  async createItem(
    @CurrentUser() user: Principal,
    @Body({ schema: ItemCreate }) body: ItemCreate,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<ItemView> {
    const item = await this.items.create(user.userId, body);
    response.setHeader('Location', `/v1/items/${item.id}`);
    return item;
  }

  @Get()
  @Describe({ summary: 'List your items, a page at a time.', answer: ItemPage })
  listItems(
    @CurrentUser() user: Principal,
    @Query({ schema: pageQuery }) query: z.output<typeof pageQuery>,
  ): Promise<ItemPage> {
    return this.items.page(user.userId, query);
  }

  @Get(':item_id')
  @Describe({ summary: 'Read one item.', answer: ItemView })
  readItem(@CurrentUser() user: Principal, @IdParam('item_id') id: string): Promise<ItemView> {
    return this.items.read(user.userId, id);
  }

  @Patch(':item_id')
  @Describe({ summary: 'Change an item; members left out stay as they are.', answer: ItemView })
  updateItem(
    @CurrentUser() user: Principal,
    @IdParam('item_id') id: string,
    @Body({ schema: ItemUpdate }) body: ItemUpdate,
  ): Promise<ItemView> {
    return this.items.update(user.userId, id, body);
  }

  @Delete(':item_id')
  @HttpCode(204)
  @Describe({ summary: 'Delete an item.' })
  async deleteItem(@CurrentUser() user: Principal, @IdParam('item_id') id: string): Promise<void> {
    await this.items.delete(user.userId, id);
  }
}
