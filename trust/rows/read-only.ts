/** Row 17: every way to write, tried by those who may only look. */
import * as Y from 'yjs'
import { ask, operatorSecret, tokenOf, tokenServer } from '../access/token-server.ts'
import { makeLink, type WritePath, writePaths } from '../access/write-paths.ts'
import type { Lab } from '../lab.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { exactly, type Row, type Subject } from '../row.ts'
import type { ServerProcess } from '../server-process.ts'
import { until } from '../until.ts'

const letsViewersWrite: Mutant = { module: 'shared/roles.js', find: "write: 'editor',", replace: "write: 'viewer'," }

/** A write by who may is seen within this long. */
const PATIENCE_MS = 20_000

export const readOnly: Row = {
  number: 17,
  promise: 'Who may only look changes nothing, whichever way',
  control: 'lets viewers write what editors may',
  limits: {
    'documents changed by viewers': exactly(0),
    // Else the row would be blind for that way.
    'ways that write nothing for who may': exactly(0),
  },
  async measure(lab, subject) {
    const server = await tokenServer(lab, { mutant: subject === 'control' ? letsViewersWrite : null })
    const owner = tokenOf({ user: 'owner', role: 'owner' })
    const tried: Tried[] = []
    const paths = pathsFor(lab, subject)
    for (const [at, path] of paths.entries()) {
      lab.progress(`${path.name}, as a viewer`)
      for (const by of viewersFor(lab, at)) {
        const document = `viewed-${by}-${at}`
        const held = await makeDocument(server.url, document, owner)
        const link = await makeLink(server.url, { document, token: owner, role: 'viewer' })
        const token = by === 'token' ? tokenOf({ user: 'viewer', role: 'viewer' }) : (link ?? '')
        await path.attempt({ url: server.url, document, token, held })
        tried.push({ document, before: contentOf(held) })
      }
    }
    const blind = await countBlind(lab, server, { paths, owner })
    // With its last breath a server writes everything it ever accepted.
    await server.stop()
    await server.start()
    let changed = 0
    for (const { document, before } of tried) {
      if ((await read(server.url, document, owner)) !== before) changed++
    }
    return {
      'documents changed by viewers': changed,
      'ways that write nothing for who may': blind,
      ways: paths.length,
      'documents tried': tried.length,
    }
  },
}

/** All of them; a few show in the tests that the control is caught. */
function pathsFor({ isShort }: Lab, subject: Subject): readonly WritePath[] {
  return isShort && subject === 'control' ? writePaths.slice(-6) : writePaths
}

/** What they may look with; in the tests one way has the one, the next the other. */
function viewersFor({ isShort }: Lab, at: number): readonly ('token' | 'link')[] {
  if (!isShort) return ['token', 'link']
  return [at % 2 === 0 ? 'token' : 'link']
}

interface Tried {
  readonly document: string
  readonly before: string
}

/** Of how many ways it was not seen that they write, when those who may do it use them. */
async function countBlind(
  lab: Lab,
  server: ServerProcess,
  { paths, owner }: { readonly paths: readonly WritePath[]; readonly owner: string },
): Promise<number> {
  const tokens: Readonly<Record<WritePath['writer'], string>> = {
    editor: tokenOf({ user: 'editor', role: 'editor' }),
    owner,
    operator: await operatorSecret(server),
  }
  let blind = 0
  for (const [at, path] of paths.entries()) {
    lab.progress(`${path.name}, as who may`)
    const document = `written-${at}`
    const held = await makeDocument(server.url, document, owner)
    await path.attempt({ url: server.url, document, token: tokens[path.writer], held })
    const isWritten = async (): Promise<boolean> => (await read(server.url, document, owner)) !== contentOf(held)
    await until(isWritten, PATIENCE_MS).catch(() => {
      lab.progress(`${path.name}: writes nothing`)
      blind++
    })
  }
  return blind
}

/** A document that holds a few words; resolves with it. */
async function makeDocument(url: string, document: string, token: string): Promise<Uint8Array> {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'kept as it is')
  const held = Uint8Array.from(Y.encodeStateAsUpdate(doc))
  const answer = await ask(`${url}/d/${document}/update`, token, { method: 'POST', body: held })
  if (!answer.ok) throw new Error(`The document could not be made: ${answer.status}.`)
  return held
}

async function read(url: string, document: string, token: string): Promise<string> {
  const answer = await ask(`${url}/d/${document}/as-update`, token)
  return contentOf(new Uint8Array(await answer.arrayBuffer()))
}

/** The same for the same content, deletions included. */
function contentOf(update: Uint8Array): string {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return Buffer.from(Y.encodeSnapshot(Y.snapshot(doc))).toString('base64')
}
