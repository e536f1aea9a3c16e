import { Injectable, RequestMethod, type Type } from '@nestjs/common';
import {
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  ROUTE_ARGS_METADATA,
  RouteParamtypes,
} from '@nestjs/common/internal';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { z } from 'zod';

// <% if .accounts %>
import { AccessRule } from '../auth/auth.decorators.ts';
// <% end %>
import type { Method, Operation } from '../core/operation.ts';
import { Describe } from './describe.decorator.ts';

type Handler = (...args: unknown[]) => unknown;
type Parameters = Readonly<Record<string, { readonly schema?: unknown }>>;

/**
 * Reads from the controllers which routes exist, who may call them and what they take: one list for the table of
 * routes in front of the controllers and for the OpenAPI document.
 */
@Injectable()
export class OperationsExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  operations(): Operation[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      const controller = metatype as Type;
      const names = this.scanner.getAllMethodNames(controller.prototype as object);
      return names
        .map((name) => [name, (controller.prototype as Record<string, Handler>)[name] as Handler] as const)
        .filter(([, handler]) => Reflect.hasMetadata(METHOD_METADATA, handler))
        .map(([name, handler]) => this.operation(controller, name, handler));
    });
  }

  private operation(controller: Type, name: string, handler: Handler): Operation {
    const description = this.reflector.get(Describe, handler);
    if (description === undefined) throw new Error(`${controller.name}.${name}: no @Describe()`);
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod] as Method;
    const parts = [controller, handler].map((target) => Reflect.getMetadata(PATH_METADATA, target) as string);
    const body = schemaOf(controller, name, RouteParamtypes.BODY);
    const query = schemaOf(controller, name, RouteParamtypes.QUERY);
    return {
      tag: controller.name.replace(/Controller$/, '').toLowerCase(),
      ...description,
      id: name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      method,
      path: `/${parts.filter((part) => part !== '/').join('/')}`.replaceAll(/:(\w+)/g, '{$1}'),
      // <% if .accounts %>
      access: this.reflector.getAllAndOverride(AccessRule, [handler, controller]) ?? 'user',
      // <% else %>
      access: 'public',
      // <% end %>
      status:
        (Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined) ?? (method === 'POST' ? 201 : 200),
      ...(body instanceof z.ZodType && { body }),
      ...(query instanceof z.ZodObject && { query }),
    };
  }
}

/** The schema of a parameter: `@Body({ schema })`, `@Query({ schema })`. */
function schemaOf(controller: Type, name: string, kind: RouteParamtypes): unknown {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Parameters;
  return Object.entries(parameters).find(([key]) => key.startsWith(`${kind}:`))?.[1].schema;
}
