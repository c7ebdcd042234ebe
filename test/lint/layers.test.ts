/**
 * The layers of docs/architecture.md, as the linter sees them.
 *
 * The project's own rules run over a tree of the same shape that holds one import of each kind. Patterns are easy
 * to get wrong: one that stops matching fails here and does not wait until somebody crosses a layer.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Layer {
  readonly rule: string
  readonly file: string
  /** Names of imports, with spaces between them. */
  readonly mayImport: string
  readonly mayNotImport: string
}

interface Finding {
  readonly code: string
  readonly filename: string
  readonly message: string
}

const LAYERS: readonly Layer[] = [
  {
    rule: '[LY1] shared imports lib0, and nothing that is built on it',
    file: 'shared/probe.ts',
    mayImport: './ids.ts lib0/encoding',
    mayNotImport: './update/walk.ts ./model/blocks.ts ../server/config.ts ../web/client/index.ts node:fs ws yjs',
  },
  {
    rule: '[LY2] shared/update knows bytes, and neither Yjs nor the document model',
    file: 'shared/update/probe.ts',
    mayImport: './walk.ts ../errors.ts lib0/decoding',
    mayNotImport: '../model/blocks.ts ../../server/core/room.ts ../../web/client/index.ts node:fs yjs',
  },
  {
    rule: '[LY3] shared/model is built on shared only',
    file: 'shared/model/probe.ts',
    mayImport: './blocks.ts ../ids.ts ../update/walk.ts yjs',
    mayNotImport: '../../server/core/room.ts ../../web/editor/index.ts prosemirror-model node:fs',
  },
  {
    rule: '[LY4] ports import shared only',
    file: 'server/ports/probe.ts',
    mayImport: './store.ts ../../shared/ids.ts ../../shared/update/walk.ts',
    mayNotImport:
      '../core/room.ts ../store/sqlite-store.ts ../../shared/model/blocks.ts better-sqlite3 hono node:fs ws',
  },
  {
    rule: '[LY5] the core does no I/O and knows no adapter, no transport and no document model',
    file: 'server/core/probe.ts',
    mayImport: './room.ts ../ports/store.ts ../../shared/ids.ts ../../shared/update/walk.ts',
    mayNotImport:
      '../app.ts ../config.ts ../store/sqlite-store.ts ../dialects/y-websocket.ts ../transport/websocket.ts ../http/routes.ts ../compute/pool.ts ../../shared/model/blocks.ts ../../web/client/index.ts better-sqlite3 hono node:fs node:fs/promises process ws yjs',
  },
  {
    rule: '[LY6] a dialect knows its protocol and no other adapter',
    file: 'server/dialects/probe.ts',
    mayImport: './reader.ts ../ports/dialect.ts ../../shared/protocol.ts lib0/decoding y-protocols/sync',
    mayNotImport:
      '../core/room.ts ../store/sqlite-store.ts ../transport/websocket.ts ../../shared/model/blocks.ts node:fs ws',
  },
  {
    rule: '[LY7] a store knows its driver and no other adapter',
    file: 'server/store/probe.ts',
    mayImport:
      './journal.ts ../ports/store.ts ../threads/parcel.ts ../../shared/update/walk.ts better-sqlite3 node:worker_threads',
    mayNotImport: '../core/room.ts ../compute/pool.ts ../dialects/y-websocket.ts ../../shared/model/blocks.ts hono yjs',
  },
  {
    rule: '[LY8] compute knows yjs and the document model, and no other adapter',
    file: 'server/compute/probe.ts',
    mayImport:
      './pool.ts ../ports/compute.ts ../threads/parcel.ts ../../shared/model/blocks.ts node:worker_threads yjs',
    mayNotImport: '../core/room.ts ../store/sqlite-store.ts ../../web/editor/index.ts better-sqlite3 hono',
  },
  {
    rule: '[LY26] what threads have in common knows ports, and no adapter',
    file: 'server/threads/probe.ts',
    mayImport: './transfer.ts ../ports/parcel.ts node:fs node:os node:worker_threads',
    mayNotImport:
      '../core/room.ts ../store/sqlite-store.ts ../compute/pool.ts ../../shared/update/walk.ts node:http yjs',
  },
  {
    rule: '[LY9] a bus knows its driver and no other adapter',
    file: 'server/bus/probe.ts',
    mayImport: '../ports/bus.ts ../../shared/ids.ts ioredis node:events',
    mayNotImport: '../core/room.ts ../store/sqlite-store.ts ../../shared/model/blocks.ts hono yjs',
  },
  {
    rule: '[LY10] authorization knows its driver and no other adapter',
    file: 'server/auth/probe.ts',
    mayImport: '../ports/authorize.ts ../../shared/ids.ts jose node:crypto',
    mayNotImport: '../core/room.ts ../store/sqlite-store.ts ../../shared/model/blocks.ts hono yjs',
  },
  {
    rule: '[LY25] what reads other systems knows their drivers and no other adapter',
    file: 'server/import/probe.ts',
    mayImport:
      './files.ts ../ports/foreign.ts ../../shared/errors.ts better-sqlite3 classic-level lib0/decoding node:fs',
    mayNotImport: '../core/room.ts ../store/sqlite-store.ts ../compute/pool.ts ../../shared/model/blocks.ts hono yjs',
  },
  {
    rule: '[LY11] a transport knows the core and ports, and no adapter',
    file: 'server/transport/probe.ts',
    mayImport:
      '../core/session.ts ../ports/connection.ts ../threads/release.ts ../../shared/close-codes.ts hono node:http ws',
    mayNotImport:
      '../app.ts ../store/sqlite-store.ts ../dialects/y-websocket.ts ../http/routes.ts ../../shared/model/blocks.ts better-sqlite3 yjs',
  },
  {
    rule: '[LY12] http knows the core and ports, and no adapter and no transport',
    file: 'server/http/probe.ts',
    mayImport: '../core/rooms.ts ../ports/store.ts ../../shared/rest.ts hono @hono/node-server zod',
    mayNotImport:
      '../app.ts ../store/sqlite-store.ts ../compute/pool.ts ../transport/websocket.ts ../../shared/model/blocks.ts ../../web/app/home.ts yjs',
  },
  {
    rule: '[LY13] a command gets its adapters from the composition root',
    file: 'server/cli/probe.ts',
    mayImport: '../app.ts ../config.ts ../ports/store.ts commander node:fs',
    mayNotImport: '../store/sqlite-store.ts ../compute/pool.ts ../../shared/model/blocks.ts better-sqlite3 yjs',
  },
  {
    rule: '[LY14] the server outside its composition root names no adapter',
    file: 'server/probe.ts',
    mayImport: './app.ts ./cli/serve.ts ./core/rooms.ts ../shared/ids.ts commander node:fs pino',
    mayNotImport:
      './store/sqlite-store.ts ./compute/pool.ts ./dialects/y-websocket.ts ../shared/model/blocks.ts ../web/client/index.ts better-sqlite3',
  },
  {
    rule: '[LY15] the composition root names adapters, and nothing of the web',
    file: 'server/app.ts',
    mayImport: './store/sqlite-store.ts ./compute/pool.ts ./dialects/y-websocket.ts ../shared/ids.ts hono ws',
    mayNotImport: '../shared/model/blocks.ts ../web/client/index.ts ../test/support/fakes.ts',
  },
  {
    rule: '[LY16] the client is headless',
    file: 'web/client/probe.ts',
    mayImport: './types.ts ../../shared/protocol.ts y-indexeddb y-protocols/awareness y-websocket yjs',
    mayNotImport:
      '../editor/index.ts ../app/home.ts ../../server/index.ts ../../shared/model/blocks.ts lit node:fs prosemirror-view ws',
  },
  {
    rule: '[LY17] the editor knows the client and the document model, and no page and no server',
    file: 'web/editor/probe.ts',
    mayImport:
      './parts/toolbar.ts ../client/index.ts ../../shared/model/blocks.ts lit lit/directives/ref.js prosemirror-view yjs',
    mayNotImport: '../app/home.ts ../../server/index.ts hono node:fs ws',
  },
  {
    rule: '[LY18] a part of the editor is held to the rule of the editor',
    file: 'web/editor/parts/probe.ts',
    mayImport: './icons.ts ../types.ts ../../client/types.ts ../../look/icons.ts ../../../shared/model/blocks.ts lit',
    mayNotImport: '../../app/home.ts ../../../server/index.ts node:fs',
  },
  {
    rule: '[LY19] the look of the editor and the pages knows neither',
    file: 'web/look/probe.ts',
    mayImport: './tokens.ts lit lit/directives/ref.js',
    mayNotImport: '../client/index.ts ../editor/index.ts ../app/home.ts ../../server/index.ts node:fs yjs',
  },
  {
    rule: '[LY20] the service worker knows shared only',
    file: 'web/worker/probe.ts',
    mayImport: './caches.ts ../../shared/close-codes.ts',
    mayNotImport: '../client/index.ts ../editor/index.ts ../app/home.ts ../../server/index.ts node:fs yjs',
  },
  {
    rule: '[LY21] a page knows the client and the editor, and no server',
    file: 'web/app/probe.ts',
    mayImport: './home.ts ../client/index.ts ../editor/index.ts ../look/tokens.ts ../../shared/rest.ts lit',
    mayNotImport: '../../server/index.ts ../../shared/model/blocks.ts hono node:fs yjs',
  },
]

/** The project's root, seen from dist/test/lint. */
const root = fileURLToPath(new URL('../../../', import.meta.url))
const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
  readonly overrides: readonly {
    readonly files: readonly string[]
    readonly rules: Readonly<Record<string, unknown>>
  }[]
}

let tree: string
let findings: readonly Finding[]

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'weft-layers-'))
  // Without types: the tree has no TypeScript project, and the layers need none.
  put('.oxlintrc.json', JSON.stringify({ ...config, options: {} }))
  for (const { file, mayImport, mayNotImport } of LAYERS) {
    put(file, `${mayImport} ${mayNotImport}`.replaceAll(/\S+/g, "import '$&'\n"))
  }
  put('server/core/types-only.ts', `import type { Hono } from 'hono'\nexport type Probe = Hono\n`)
  put('server/core/lazy.ts', `export const load = () => import('node:fs')\n`)
  put('server/core/re-export.ts', `export { Hono } from 'hono'\n`)
  put('server/core/one.ts', `import type { Two } from './two.ts'\nexport type One = Two | 1\n`)
  put('server/core/two.ts', `import type { One } from './one.ts'\nexport type Two = One | 2\n`)
  findings = lint()
})

afterAll(() => {
  rmSync(tree, { recursive: true })
})

describe('layers', () => {
  for (const { rule, file, mayNotImport } of LAYERS) {
    test(rule, () => {
      expect(forbiddenImports(file)).toEqual(mayNotImport.split(' ').toSorted())
    })
  }

  test('[LY22] a type, a lazy import and a re-export count as imports', () => {
    expect(forbiddenImports('server/core/types-only.ts')).toEqual(['hono'])
    expect(forbiddenImports('server/core/lazy.ts')).toEqual(['node:fs'])
    expect(forbiddenImports('server/core/re-export.ts')).toEqual(['hono'])
  })

  test('[LY23] modules do not import each other in a circle, types included', () => {
    const cycles = findings.filter((finding) => finding.code === 'import(no-cycle)').map((finding) => finding.filename)
    expect(cycles.toSorted()).toEqual(['server/core/one.ts', 'server/core/two.ts'])
  })

  test('[LY24] every folder of the product has its layer rule', () => {
    const ruled = config.overrides.filter((one) => 'no-restricted-imports' in one.rules).flatMap((one) => one.files)
    const folders = ['shared', 'server', 'web'].flatMap(foldersOf).map((folder) => `${folder}/**`)
    expect(folders.filter((folder) => !ruled.includes(folder))).toEqual([])
  })
})

function put(path: string, text: string): void {
  mkdirSync(join(tree, dirname(path)), { recursive: true })
  writeFileSync(join(tree, path), text)
}

function lint(): readonly Finding[] {
  const { stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json'], {
    cwd: tree,
    encoding: 'utf8',
  })
  if (!stdout.startsWith('{')) throw new Error(`oxlint did not run: ${stdout}${stderr}`)
  return (JSON.parse(stdout) as { diagnostics: Finding[] }).diagnostics
}

/** The names of the imports that were reported in a file, sorted. */
function forbiddenImports(file: string): readonly string[] {
  return findings
    .filter((finding) => finding.filename === file && finding.code === 'eslint(no-restricted-imports)')
    .map((finding) => /^'([^']+)'/.exec(finding.message)?.[1] ?? finding.message)
    .toSorted()
}

function foldersOf(project: string): readonly string[] {
  const path = join(root, project)
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${project}/${entry.name}`)
}
