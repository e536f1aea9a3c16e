/**
 * What a route declares: who may call it, what it takes, what it answers.
 *
 * One list of these is the table of routes, the limits and the OpenAPI document. What is not in it does not exist.
 */

import type { z } from 'zod';

// <% if .accounts %>
/** `recent` wants a sign-in of the last minutes. */
export type Access = 'public' | 'user' | 'recent';
// <% else %>
export type Access = 'public';
// <% end %>
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Operation {
  /** The operationId. */
  readonly id: string;
  readonly method: Method;
  /** A template: "/v1/items/{item_id}". Parameters are ids. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  /** Of success; 200 unless given. */
  readonly status?: number;
  readonly answer?: z.ZodType;
  /** Answers with another status. */
  readonly also?: Readonly<Record<number, z.ZodType>>;
  /** Besides those that any operation may answer. */
  readonly refusals?: readonly number[];
  readonly mediaType?: string;
  readonly setsCookie?: boolean;
  /** Not in the document: pages for people. */
  readonly hidden?: boolean;
}

/** One path and its operations by method. */
export interface Resource {
  readonly template: string;
  readonly pattern: RegExp;
  readonly operations: Map<string, Operation>;
  /** The Allow field. */
  allow: string;
}

export class RouteTable {
  readonly #exact = new Map<string, Resource>();
  readonly #patterns: Resource[] = [];

  constructor(operations: Iterable<Operation>) {
    const all = new Map<string, Resource>();
    for (const operation of operations) {
      const resource = all.get(operation.path) ?? newResource(operation.path);
      all.set(operation.path, resource);
      resource.operations.set(operation.method, operation);
      resource.allow = [...resource.operations.keys(), 'OPTIONS'].join(', ');
    }
    for (const [template, resource] of all) {
      if (template.includes('{')) this.#patterns.push(resource);
      else this.#exact.set(template, resource);
    }
  }

  find(path: string): Resource | undefined {
    return this.#exact.get(path) ?? this.#patterns.find((resource) => resource.pattern.test(path));
  }
}

function newResource(template: string): Resource {
  const pattern = new RegExp(`^${RegExp.escape(template).replaceAll(/\\\{\w+\\\}/g, '[^/]+')}$`);
  return { template, pattern, operations: new Map(), allow: '' };
}
