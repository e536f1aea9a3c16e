/** /v1/items: declared here, answered by the service behind this gateway. */

import type { Response } from 'express';

import { current } from '../core/context.ts';
import type { Operation } from '../core/operation.ts';
import { Problem } from '../core/problem.ts';
import { pageQuery } from '../core/schemas.ts';
import type { Route } from '../http/route.ts';
import { ItemCreate, ItemPage, ItemUpdate, ItemView } from '../items/schemas.ts';
import type { Parts } from '../parts.ts';

const ITEMS = { tag: 'items', access: 'user', path: '/v1/items' } as const;
const ITEM = { ...ITEMS, path: '/v1/items/{item_id}' } as const;

const OPERATIONS: readonly Operation[] = [
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
  {
    ...ITEMS,
    id: 'list_items',
    method: 'GET',
    summary: 'List your items, a page at a time.',
    query: pageQuery,
    answer: ItemPage,
  },
  { ...ITEM, id: 'read_item', method: 'GET', summary: 'Read one item.', answer: ItemView },
  {
    ...ITEM,
    id: 'update_item',
    method: 'PATCH',
    summary: 'Change an item; members left out stay as they are.',
    body: ItemUpdate,
    answer: ItemView,
  },
  { ...ITEM, id: 'delete_item', method: 'DELETE', summary: 'Delete an item.', status: 204 },
];

/** The service checks parameters and bodies itself: they reach it as they came. */
export function itemRoutes({ service }: Parts): Route[] {
  const handle = async (_req: unknown, res: Response): Promise<void> => {
    const context = current();
    if (context.principal === undefined) throw new Problem(401, 'unauthenticated');
    const { status, headers, body } = await service.answer(context.principal.userId, context);
    res.status(status).set(headers).end(body);
  };
  return OPERATIONS.map((operation) => ({ operation, handle }));
}
