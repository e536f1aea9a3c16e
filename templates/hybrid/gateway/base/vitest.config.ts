import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/python.ts'],
    setupFiles: ['test/support/setup.ts'],
    // Each file starts the service it needs; a hash of a password takes its time.
    testTimeout: 20_000,
    coverage: {
      include: ['src/**/*.ts'],
      thresholds: { lines: 90 },
    },
  },
});
