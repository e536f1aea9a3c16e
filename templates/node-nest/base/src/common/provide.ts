import type { FactoryProvider, InjectionToken } from '@nestjs/common';

/** A provider for a class of the core, which knows nothing of Nest: its constructor's arguments as tokens. */
export function provide<Dependencies extends unknown[], T>(
  type: new (...dependencies: Dependencies) => T,
  ...inject: { [Index in keyof Dependencies]: InjectionToken }
): FactoryProvider<T> {
  return { provide: type, inject, useFactory: (...dependencies: Dependencies) => new type(...dependencies) };
}
