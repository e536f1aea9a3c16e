/** /v1/items: declared here, answered by the service behind this gateway. */

import type { Request, Response } from 'express';

import { current } from '../core/context.ts';
import type { Operation } from '../core/operation.ts';
import { notFound, Problem } from '../core/problem.ts';
import { pageQuery } from '../core/schemas.ts';
import type { Route } from '../http/route.ts';
import { ItemCreate, ItemPage, ItemUpdate, ItemView } from '../items/schemas.ts';
import type { Parts } from '../parts.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
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
  const handle = async ({ params }: Request, res: Response): Promise<void> => {
    const context = current();
    // What is no id could be another path to the service.
    if (!Object.values(params).every((id) => UUID.test(String(id)))) throw notFound();
    if (context.principal === undefined) throw new Problem(401, 'unauthenticated');
    const { status, headers, body } = await service.answer(context.principal.userId, context);
    res.status(status).set(headers).end(body);
  };
  return OPERATIONS.map((operation) => ({ operation, handle }));
}
