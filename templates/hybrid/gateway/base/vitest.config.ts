import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/python.ts'],
    setupFiles: ['test/support/setup.ts'],
    // Files share what they import instead of loading it anew: a test leaves none of it changed.
    isolate: false,
    // Each test starts the service it needs.
    testTimeout: 20_000,
    coverage: {
      include: ['src/**/*.ts'],
      thresholds: { lines: 90 },
    },
  },
});
