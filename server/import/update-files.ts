/** Plain files, each with one Yjs update that is a whole document: what most systems can export. */
import type { ForeignDocument, ForeignSource } from '../ports/foreign.ts'
import { type FoundFile, readBytes } from './files.ts'

/** A document's name is its file's, with folders and without the extension: `team/plan.bin` is `team/plan`. */
export function openUpdateFiles(files: readonly FoundFile[]): ForeignSource {
  return {
    kind: files.length === 1 ? 'an update file' : 'update files',
    encoding: 'unknown',
    count: files.length,
    async *documents() {
      yield* files.map(documentIn)
    },
    close: () => Promise.resolve(),
  }
}

function documentIn({ path, name }: FoundFile): ForeignDocument {
  return {
    name: name.replace(/(?<=[^/])\.[^./]*$/, ''),
    place: path,
    updates: async () => [await readBytes(path)],
  }
}
