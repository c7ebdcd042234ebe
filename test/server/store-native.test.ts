import { expect, test, vi } from 'vitest'
import { connect } from '../../server/store/database.ts'

vi.mock('better-sqlite3', () => ({
  default: class {
    static readonly SqliteError = class extends Error {}
    constructor() {
      throw Object.assign(new Error('compiled against a different Node.js version'), { code: 'ERR_DLOPEN_FAILED' })
    }
  },
}))

test('[DB7] a native module that does not load is told, with what to do', () => {
  expect(() => connect('weft.db', {})).toThrow(
    expect.objectContaining({
      code: 'unsupported-runtime',
      message: expect.stringContaining('npm rebuild better-sqlite3'),
    }),
  )
})
