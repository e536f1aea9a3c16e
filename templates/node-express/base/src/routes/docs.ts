/** In development: the API's description, and a page to try it. */

import { readFile } from 'node:fs/promises';

import { describe } from '../core/openapi.ts';
import type { Operation } from '../core/operation.ts';
import { route, type Route } from '../http/route.ts';

const ASSETS = new URL('../../assets/', import.meta.url);
const PAGE = { method: 'GET', tag: 'docs', summary: 'The docs page.', access: 'public', hidden: true } as const;

export function docsRoutes(operations: readonly Operation[]): Route[] {
  return [
    file('/docs', 'index.html', 'text/html'),
    file('/docs/docs.js', 'docs.js', 'text/javascript'),
    file('/docs/docs.css', 'docs.css', 'text/css'),
    route({ ...PAGE, id: 'openapi', path: '/openapi.json' }, ({ res }) => {
      res.json(describe(operations));
    }),
  ];
}

function file(path: string, name: string, mediaType: string): Route {
  return route({ ...PAGE, id: name, path, mediaType }, async ({ res }) => {
    res.type(mediaType).send(await readFile(new URL(name, ASSETS)));
  });
}
