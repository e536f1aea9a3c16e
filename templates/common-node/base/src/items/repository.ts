// <% if .accounts %>
/** All SQL about items; each statement starts from the rows of one owner. */
// <% else %>
/** All SQL about items. */
// <% end %>

import { randomUUID } from 'node:crypto';

import type { Position } from '../core/cursor.ts';
import type { Database, Queries } from '../core/db.ts';
import type { ItemCreate, ItemUpdate, ItemView } from './schemas.ts';

const COLUMNS = ['id', 'title', 'body', 'created_at', 'updated_at'] as const;

// <% if .accounts %>
const oneItem = (queries: Queries, ownerId: string, id: string) =>
  queries.selectFrom('items').select(COLUMNS).where('owner_id', '=', ownerId).where('id', '=', id);
// <% else %>
const oneItem = (queries: Queries, id: string) => queries.selectFrom('items').select(COLUMNS).where('id', '=', id);
// <% end %>

// <% if .accounts %>
/** The items of one owner; there is no way to ask for another's. */
// <% end %>
export class ItemRepository {
  readonly #db: Database;
  // <% if .accounts %>
  readonly #ownerId: string;
  // <% end %>

  // <% if .accounts %>
  constructor(db: Database, ownerId: string) {
    this.#db = db;
    this.#ownerId = ownerId;
  }
  // <% else %>
  constructor(db: Database) {
    this.#db = db;
  }
  // <% end %>

  async get(id: string): Promise<ItemView | undefined> {
    // <% if .accounts %>
    return this.#db.first(oneItem, this.#ownerId, id);
    // <% else %>
    return this.#db.first(oneItem, id);
    // <% end %>
  }

  /** The newest first; up to `limit` of them. */
  async page(limit: number, after?: Position): Promise<ItemView[]> {
    const newest = this.#items().select(COLUMNS).orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit);
    if (after === undefined) return newest.execute();
    return newest.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(after.at, after.id))).execute();
  }

  /** Nothing is made, and nothing returned, when there are as many as may be; also of many at once. */
  async create(members: ItemCreate, cap: number): Promise<ItemView | undefined> {
    const now = new Date().toISOString();
    const item = {
      id: randomUUID(),
      // <% if .accounts %>
      owner_id: this.#ownerId,
      // <% end %>
      ...members,
      created_at: now,
      updated_at: now,
    };
    // <% if .accounts %>
    const lock = `items:${this.#ownerId}`;
    // <% else %>
    const lock = 'items';
    // <% end %>
    return this.#db.transaction(async (queries) => {
      const { count } = await this.#items(queries)
        .select(({ fn }) => fn.countAll().as('count'))
        .executeTakeFirstOrThrow();
      if (Number(count) >= cap) return undefined;
      return queries.insertInto('items').values(item).returning(COLUMNS).executeTakeFirstOrThrow();
    }, lock);
  }

  async update(id: string, members: ItemUpdate): Promise<ItemView | undefined> {
    return this.#db.kysely
      .updateTable('items')
      .set({ ...members, updated_at: new Date().toISOString() })
      .where('id', '=', id)
      // <% if .accounts %>
      .where('owner_id', '=', this.#ownerId)
      // <% end %>
      .returning(COLUMNS)
      .executeTakeFirst();
  }

  /** Whether there was one to delete. */
  async delete(id: string): Promise<boolean> {
    const item = this.#db.kysely.deleteFrom('items').where('id', '=', id);
    // <% if .accounts %>
    const { numDeletedRows } = await item.where('owner_id', '=', this.#ownerId).executeTakeFirst();
    // <% else %>
    const { numDeletedRows } = await item.executeTakeFirst();
    // <% end %>
    return numDeletedRows > 0n;
  }

  #items(queries: Queries = this.#db.kysely) {
    // <% if .accounts %>
    return queries.selectFrom('items').where('owner_id', '=', this.#ownerId);
    // <% else %>
    return queries.selectFrom('items');
    // <% end %>
  }
}
