/** Every way to change a document, over sockets and by requests. */
import * as Y from 'yjs'
import { packUpdates } from '../../shared/update/pack.ts'
import { DIALECTS, Member, WRITES } from './member.ts'
import { ask, json } from './token-server.ts'

export interface Attempt {
  readonly url: string
  /** Of letters, digits and dashes. */
  readonly document: string
  readonly token: string
  /** What the document holds. */
  readonly held: Uint8Array
}

export interface WritePath {
  readonly name: string
  /** The least who may write by it. */
  readonly writer: 'editor' | 'owner' | 'operator'
  /** Tries; resolves when the server has read it all. */
  attempt(attempt: Attempt): Promise<void>
}

/** Large enough to be tried out before it is taken. */
const PAGE_LETTERS = 20_000

/** What is written: each reaches the server by a path of its own. */
const EDITS: Readonly<Record<string, (held: Uint8Array) => readonly Uint8Array[]>> = {
  'a letter': () => editsOf(new Y.Doc(), (text) => text.insert(0, 'x')),
  'a page': () => editsOf(new Y.Doc(), (text) => text.insert(0, 'x'.repeat(PAGE_LETTERS))),
  'a deletion': (held) => editsOf(docOf(held), (text) => text.delete(0, 1)),
  'two letters in the wrong order': () =>
    editsOf(
      new Y.Doc(),
      (text) => text.insert(0, 'x'),
      (text) => text.insert(1, 'y'),
    ).toReversed(),
}

export const writePaths: readonly WritePath[] = [
  ...Object.entries(DIALECTS).flatMap(([dialect, wire]) =>
    (Object.keys(WRITES) as (keyof typeof WRITES)[]).flatMap((kind) =>
      Object.entries(EDITS).map(([what, edits]): WritePath => ({
        name: `${what} over ${dialect} as ${kind}`,
        writer: 'editor',
        async attempt({ url, document, token, held }) {
          const member = await Member.join(url, wire, { document, token })
          for (const update of edits(held)) member.write(kind, update)
          await member.settled()
          member.close()
        },
      })),
    ),
  ),
  { name: 'an update by request', writer: 'editor', attempt: postUpdate },
  {
    name: 'y-sweet’s token with full authorization',
    writer: 'editor',
    async attempt(attempt) {
      const { url, document, token } = attempt
      const answer = await ask(`${url}/doc/${document}/auth`, token, json('POST', { authorization: 'full' }))
      const given = (await answer.json()) as { readonly token?: string }
      await postUpdate({ ...attempt, token: given.token ?? token })
    },
  },
  ...[{ seq: 0 }, { timeMs: 0 }].map((moment): WritePath => ({
    name: `a restore to ${JSON.stringify(moment)}`,
    writer: 'editor',
    async attempt({ url, document, token }) {
      await ask(`${url}/api/v1/documents/${document}/restore`, token, json('POST', moment))
    },
  })),
  {
    name: 'a share link for editors, made for oneself',
    writer: 'owner',
    async attempt(attempt) {
      const { url, document, token } = attempt
      const made = await makeLink(url, { document, token, role: 'editor' })
      await postUpdate({ ...attempt, token: made ?? token })
    },
  },
  {
    name: 'an import',
    writer: 'operator',
    async attempt({ url, document, token, held }) {
      const body = Uint8Array.from(packUpdates(EDITS['a letter']?.(held) ?? []))
      await ask(`${url}/api/v1/operator/import?document=${document}&encoding=v1`, token, { method: 'POST', body })
    },
  },
]

/** The token of a new share link; null when none was made. */
export async function makeLink(
  url: string,
  { document, token, role }: { readonly document: string; readonly token: string; readonly role: string },
): Promise<string | null> {
  const answer = await ask(`${url}/api/v1/documents/${document}/links`, token, json('POST', { role }))
  return answer.ok ? ((await answer.json()) as { readonly token: string }).token : null
}

async function postUpdate({ url, document, token }: Attempt): Promise<void> {
  const [update] = editsOf(new Y.Doc(), (text) => text.insert(0, 'x'))
  await ask(`${url}/d/${document}/update`, token, { method: 'POST', body: Uint8Array.from(update ?? []) })
}

function docOf(update: Uint8Array): Y.Doc {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return doc
}

/** One update for each edit. */
function editsOf(doc: Y.Doc, ...edits: readonly ((text: Y.Text) => void)[]): Uint8Array[] {
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const edit of edits) edit(doc.getText('body'))
  return updates
}
