/** In development, a page to try the API. */

import { readFile } from 'node:fs/promises';

const ASSETS = new URL('../../assets/', import.meta.url);

/** The page's files by path, with their media types. */
export const DOCS_FILES = {
  '/docs': { file: 'index.html', mediaType: 'text/html' },
  '/docs/docs.js': { file: 'docs.js', mediaType: 'text/javascript' },
  '/docs/docs.css': { file: 'docs.css', mediaType: 'text/css' },
} as const;

export function readDocs(path: keyof typeof DOCS_FILES): Promise<Buffer> {
  return readFile(new URL(DOCS_FILES[path].file, ASSETS));
}
