import { defineConfig } from 'vitest/config';

// Tests run from the sources: the condition stands first in every package's `exports`. What is listed holds for `require`
// in installed packages too, so `import` must not be: it would hand them modules that they cannot use.
const conditions = ['@timeband/source', 'node'];

const everything = ['*/src/**/*.test.ts', 'test/**/*.test.ts'];
/** Tests of what happens while a module is loaded, or with another in its place. */
const isolated = ['**/*.isolated.test.ts'];
const never = ['**/dist/**', '**/node_modules/**'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    globalSetup: './packaging/src/programs-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Half of the time of what runs programs is waiting for them.
    maxWorkers: 2,
    projects: [
      // Most of the time of a unit test is loading the protocol: once a process is enough.
      {
        extends: true,
        test: { name: 'shared', include: everything, exclude: [...never, ...isolated], isolate: false },
      },
      { extends: true, test: { name: 'isolated', include: isolated, exclude: never } },
    ],
  },
});
