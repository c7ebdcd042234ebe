/**
 * Tests run as tsc compiled them, so that worker threads and `dist/server/main.js` are the built thing.
 *
 * Tests that drive a browser or kill a process come last and one file at a time: they measure real time, and
 * would fail for want of a processor, not for a fault.
 */
import { defineConfig } from 'vitest/config'

/** A machine that is busy with others is no fault: only a test that fails waits this long. */
const PATIENCE = { expect: { poll: { timeout: 60_000, interval: 10 } }, hookTimeout: 120_000 }

const ALONE = ['crash', 'trust', 'e2e']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['dist/test/**/*.test.js'],
          exclude: ALONE.map((name) => `dist/test/${name}/**`),
          testTimeout: 90_000,
          ...PATIENCE,
          sequence: { groupOrder: 0 },
        },
      },
      ...ALONE.map((name, index) => ({
        test: {
          name,
          include: [`dist/test/${name}/**/*.test.js`],
          fileParallelism: false,
          testTimeout: 300_000,
          ...PATIENCE,
          sequence: { groupOrder: index + 1 },
        },
      })),
    ],
  },
})
