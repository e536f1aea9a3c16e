/** In development: the API's description, and a page to try it. */

import { DOCS_FILES, readDocs } from '../core/docs.ts';
import { describe } from '../core/openapi.ts';
import type { Operation } from '../core/operation.ts';
import { route, type Route } from '../http/route.ts';

const PAGE = { method: 'GET', tag: 'docs', summary: 'The docs page.', access: 'public', hidden: true } as const;

export function docsRoutes(operations: readonly Operation[]): Route[] {
  const files = Object.entries(DOCS_FILES).map(([path, { file, mediaType }]) =>
    route({ ...PAGE, id: file, path, mediaType }, async ({ res }) => {
      res.type(mediaType).send(await readDocs(path as keyof typeof DOCS_FILES));
    }),
  );
  const description = route({ ...PAGE, id: 'openapi', path: '/openapi.json' }, ({ res }) => {
    res.json(describe(operations));
  });
  return [...files, description];
}
