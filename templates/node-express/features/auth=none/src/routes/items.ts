/** /v1/items: the example resource; copy it for your own. */

import { notFound, Problem } from '../core/problem.ts';
import { pageQuery } from '../core/schemas.ts';
import { route, type Route } from '../http/route.ts';
import { ItemRepository } from '../items/repository.ts';
import { ItemCreate, ItemPage, ItemUpdate, ItemView } from '../items/schemas.ts';
import type { Parts } from '../parts.ts';

const ITEMS = { tag: 'items', access: 'public', path: '/v1/items' } as const;
const ITEM = { ...ITEMS, path: '/v1/items/{item_id}' } as const;

export function itemRoutes({ config, cursors, db }: Parts): Route[] {
  const items = new ItemRepository(db);
  return [
    route(
      {
        ...ITEMS,
        id: 'create_item',
        method: 'POST',
        summary: 'Make an item.',
        body: ItemCreate,
        status: 201,
        answer: ItemView,
        refusals: [409],
      },
      async ({ body, res }) => {
        const item = await items.create(body, config.MAX_ITEMS);
        if (item === undefined) throw new Problem(409, 'conflict', { detail: 'No more items can be stored' });
        res.location(`/v1/items/${item.id}`);
        return item;
      },
    ),
    route(
      {
        ...ITEMS,
        id: 'list_items',
        method: 'GET',
        summary: 'List the items, a page at a time.',
        query: pageQuery,
        answer: ItemPage,
      },
      async ({ query }) => {
        const scope = 'items';
        const after = cursors.decode(query.cursor, scope);
        const rows = await items.page(query.limit + 1, after);
        return cursors.page(rows, query.limit, scope);
      },
    ),
    route({ ...ITEM, id: 'read_item', method: 'GET', summary: 'Read one item.', answer: ItemView }, async ({ ids }) => {
      const item = await items.get(ids.item_id);
      if (item === undefined) throw notFound();
      return item;
    }),
    route(
      {
        ...ITEM,
        id: 'update_item',
        method: 'PATCH',
        summary: 'Change an item; members left out stay as they are.',
        body: ItemUpdate,
        answer: ItemView,
      },
      async ({ ids, body }) => {
        const item = await items.update(ids.item_id, body);
        if (item === undefined) throw notFound();
        return item;
      },
    ),
    route(
      { ...ITEM, id: 'delete_item', method: 'DELETE', summary: 'Delete an item.', status: 204 },
      async ({ ids }) => {
        if (!(await items.delete(ids.item_id))) throw notFound();
      },
    ),
  ];
}
