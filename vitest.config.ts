import { defineConfig } from 'vitest/config';

// Tests run from the sources: the condition stands first in every package's `exports`. What is listed holds for `require`
// in installed packages too, so `import` must not be: it would hand them modules that they cannot use.
const conditions = ['@timeband/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['*/src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/dist/**', '**/node_modules/**'],
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
