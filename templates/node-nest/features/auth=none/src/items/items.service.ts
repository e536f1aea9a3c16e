import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { CONFIG } from '../core.module.ts';
import type { Config } from '../core/config.ts';
import { Cursors } from '../core/cursor.ts';
import { notFound, Problem } from '../core/problem.ts';
import type { pageQuery } from '../core/schemas.ts';
import { ItemRepository } from './repository.ts';
import type { ItemCreate, ItemPage, ItemUpdate, ItemView } from './schemas.ts';

/** What may be done with items. */
@Injectable()
export class ItemsService {
  constructor(
    private readonly items: ItemRepository,
    private readonly cursors: Cursors,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async create(members: ItemCreate): Promise<ItemView> {
    const item = await this.items.create(members, this.config.MAX_ITEMS);
    if (item === undefined) throw new Problem(409, 'conflict', { detail: 'No more items can be stored' });
    return item;
  }

  async page({ limit, cursor }: z.output<typeof pageQuery>): Promise<ItemPage> {
    const rows = await this.items.page(limit + 1, this.cursors.decode(cursor, 'items'));
    return this.cursors.page(rows, limit, 'items');
  }

  async read(id: string): Promise<ItemView> {
    return (await this.items.get(id)) ?? unknown();
  }

  async update(id: string, changes: ItemUpdate): Promise<ItemView> {
    return (await this.items.update(id, changes)) ?? unknown();
  }

  async delete(id: string): Promise<void> {
    if (!(await this.items.delete(id))) unknown();
  }
}

function unknown(): never {
  throw notFound();
}
