/**
 * Builds what browsers load into dist/public: the two pages, the embeddable element and the headless client.
 *
 * The scripts are one file each, with a name that stays; the pages' files carry a hash of their content.
 */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite'

const OUT_DIR = '../../dist/public'

/**
 * Bytes after gzip that a script may have. The client by itself stays under 32,500; its script also hands out all of Yjs,
 * because a page may hold only one copy of it, and the parts that the client does not use come to 5,000.
 */
const BUDGETS: Readonly<Record<string, number>> = { 'weft-editor.js': 150_000, 'weft-client.js': 37_500 }

/** Of the fonts only what most European text needs is kept before it is asked for. */
const KEPT_BEFOREHAND = /^(?:assets\/(?!.*\.woff2$)|assets\/[^/]*-latin-wght-[^/]*\.woff2$|icon\.svg$)/

export default defineConfig({
  root: 'web/app',
  resolve: { dedupe: ['yjs'] },
  builder: {},
  plugins: [shell(), budget()],
  environments: {
    client: {
      build: {
        outDir: OUT_DIR,
        emptyOutDir: true,
        modulePreload: { polyfill: false },
        // Fonts and icons as files: `data:` URLs would need a looser content security policy.
        assetsInlineLimit: 0,
        rolldownOptions: {
          input: {
            index: 'web/app/index.html',
            edit: 'web/app/edit.html',
            'service-worker': 'web/worker/service-worker.ts',
          },
          output: {
            entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
            chunkFileNames: 'assets/shared-[hash].js',
          },
        },
      },
    },
    editor: script('weft-editor', 'web/editor/index.ts'),
    headless: script('weft-client', 'web/client/index.ts'),
  },
})

/** A script that other people's pages load: one file, all its exports kept. */
function script(name: string, source: string): EnvironmentOptions {
  return {
    consumer: 'client',
    build: {
      outDir: OUT_DIR,
      emptyOutDir: false,
      copyPublicDir: false,
      rolldownOptions: {
        input: { [name]: source },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js', codeSplitting: false },
      },
    },
  }
}

/** Tells the service worker which build it belongs to and which files that build's pages need. */
function shell(): Plugin {
  return {
    name: 'weft:shell',
    apply: 'build',
    generateBundle(_options, bundle) {
      const worker = bundle['service-worker.js']
      if (worker?.type !== 'chunk') return
      const version = createHash('sha256')
      for (const [name, file] of Object.entries(bundle).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        version.update(name).update(file.type === 'chunk' ? file.code : file.source)
      }
      const files = [...Object.keys(bundle), 'icon.svg'].filter((name) => KEPT_BEFOREHAND.test(name))
      const value = { version: version.digest('hex').slice(0, 16), files: files.map((name) => `/${name}`) }
      worker.code = `const WEFT_SHELL = ${JSON.stringify(value)};\n${worker.code}`
    },
  }
}

/** Fails the build when a script outgrows its budget. */
function budget(): Plugin {
  return {
    name: 'weft:budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const [name, limit] of Object.entries(BUDGETS)) {
        const file = bundle[name]
        if (file?.type !== 'chunk') continue
        const bytes = gzipSync(file.code).length
        const words = `${name}: ${bytes} bytes after gzip, ${limit} allowed`
        if (bytes > limit) this.error(words)
        this.info(words)
      }
    },
  }
}
