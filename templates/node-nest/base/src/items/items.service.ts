import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { CONFIG } from '../core.module.ts';
import type { Config } from '../core/config.ts';
import { Cursors } from '../core/cursor.ts';
import { Database } from '../core/db.ts';
import { notFound, Problem } from '../core/problem.ts';
import type { pageQuery } from '../core/schemas.ts';
import { ItemRepository } from './repository.ts';
import type { ItemCreate, ItemPage, ItemUpdate, ItemView } from './schemas.ts';

/** The items of one owner at a time; another's do not exist. */
@Injectable()
export class ItemsService {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async create(ownerId: string, members: ItemCreate): Promise<ItemView> {
    const item = await this.of(ownerId).create(members, this.config.MAX_ITEMS);
    if (item === undefined) throw new Problem(409, 'conflict', { detail: 'No more items can be stored' });
    return item;
  }

  async page(ownerId: string, { limit, cursor }: z.output<typeof pageQuery>): Promise<ItemPage> {
    const scope = `items:${ownerId}`;
    const rows = await this.of(ownerId).page(limit + 1, this.cursors.decode(cursor, scope));
    return this.cursors.page(rows, limit, scope);
  }

  async read(ownerId: string, id: string): Promise<ItemView> {
    return (await this.of(ownerId).get(id)) ?? unknown();
  }

  async update(ownerId: string, id: string, changes: ItemUpdate): Promise<ItemView> {
    return (await this.of(ownerId).update(id, changes)) ?? unknown();
  }

  async delete(ownerId: string, id: string): Promise<void> {
    if (!(await this.of(ownerId).delete(id))) unknown();
  }

  private of(ownerId: string): ItemRepository {
    return new ItemRepository(this.database, ownerId);
  }
}

function unknown(): never {
  throw notFound();
}
