/** /v1/items: the example resource; copy it for your own. */

import { page, pageQuery } from '../core/schemas.ts';
import { notFound } from '../core/problem.ts';
import { route, type Route } from '../http/route.ts';
import { ItemRepository } from '../items/repository.ts';
import { ItemCreate, ItemPage, ItemUpdate, ItemView } from '../items/schemas.ts';
import type { Parts } from '../parts.ts';
