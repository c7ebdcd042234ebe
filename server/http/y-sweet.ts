/**
 * y-sweet's HTTP side: naming documents, the token its client connects with, a document as one update and back.
 *
 * Whoever asks for a client token gets their own back in it, where they came with one: this server checks tokens and
 * does not make them.
 */
import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { SyncError } from '../../shared/errors.ts'
import { type DocumentId, parseDocumentId, type Seq } from '../../shared/ids.ts'
import { can } from '../../shared/roles.ts'
import type { Rooms } from '../core/rooms.ts'
import type { Parcel } from '../ports/parcel.ts'
import type { Store } from '../ports/store.ts'
import { type Allow, bearerToken } from './allow.ts'
import { parse } from './parse.ts'

export interface YSweetDependencies {
  readonly rooms: Rooms
  readonly store: Store
  /** Where clients reach this server, without a slash at the end; empty: where the request was sent to. */
  readonly publicUrl: string
  readonly maxUpdateBytes: number
  readonly allow: Allow
  /** Rejects when whoever asks may not begin another document, and the document is a new one. */
  readonly mayOpen: (context: Context, head: Seq) => Promise<void>
}

/** What y-sweet allows in a name, so that it needs no encoding anywhere. */
const ID = /^[A-Za-z0-9_-]+$/

const id = z.string().regex(ID, 'A y-sweet document id has letters, digits, - and _ only.')
const newDocument = z.object({ docId: id.nullish() })
const authorization = z.object({ authorization: z.enum(['full', 'read-only']).default('full') })

/** Routes from the root. */
export function ySweetRoutes({ rooms, store, publicUrl, maxUpdateBytes, allow, mayOpen }: YSweetDependencies): Hono {
  return new Hono()
    .post('/doc/new', async (context) => {
      const { docId } = parse(newDocument, await bodyOf(context))
      // Only a name: the document exists from its first edit on. 72 random bits are not guessed.
      return context.json({ docId: docId ?? randomBytes(9).toString('base64url') })
    })
    .post('/doc/:id/auth', async (context) => {
      const document = documentOf(context)
      const wanted = parse(authorization, await bodyOf(context))
      const { role } = await allow(context, document, 'read')
      const given = can(role, 'write') ? 'full' : 'read-only'
      if (wanted.authorization === 'read-only' && given === 'full') {
        throw new SyncError('invalid-request', 'For read-only access come with a token that gives no more.')
      }
      const base = `${publicUrl === '' ? new URL(context.req.url).origin : publicUrl}/d/${document}`
      return context.json({
        url: `${base.replace(/^http/, 'ws')}/ws`,
        baseUrl: base,
        docId: document,
        token: bearerToken(context),
        authorization: given,
      })
    })
    .get('/d/:id/as-update', async (context) => {
      const document = documentOf(context)
      await allow(context, document, 'read')
      const update = await rooms.read(document)
      return context.body(streamOf(update), 200, {
        'content-type': 'application/octet-stream',
        'content-length': String(update.bytes),
      })
    })
    .post(
      '/d/:id/update',
      bodyLimit({ maxSize: maxUpdateBytes, onError: tooLarge(maxUpdateBytes) }),
      async (context) => {
        const document = documentOf(context)
        const { author } = await allow(context, document, 'write')
        await mayOpen(context, (await rooms.load(document)).head)
        await rooms.write(document, new Uint8Array(await context.req.arrayBuffer()), author)
        return context.body(null, 200)
      },
    )
    .get('/ready', (context) => context.json({ ok: true }))
    .post('/check_store', async (context) => {
      const failure: unknown = await store.probe().then(
        () => null,
        (thrown: unknown) => thrown,
      )
      return context.json(failure === null ? { ok: true } : { ok: false, error: 'The store cannot write.' })
    })
}

function documentOf(context: Context): DocumentId {
  return parseDocumentId(parse(id, context.req.param('id')))
}

/** The SDK leaves the body out where it has nothing to say. */
async function bodyOf(context: Context): Promise<unknown> {
  return context.req.json<unknown>().catch(() => ({}))
}

function tooLarge(limit: number) {
  return (): never => {
    throw new SyncError('frame-too-large', `An update may have ${limit} bytes at most.`)
  }
}

/** The pieces of `parcel`, each taken out when there is room for it, and in a turn of the event loop of its own. */
function streamOf(parcel: Parcel): ReadableStream<Uint8Array> {
  const pieces = parcel[Symbol.iterator]()
  return new ReadableStream(
    {
      async pull(controller) {
        await nextTurn()
        const { done, value } = pieces.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => parcel.discard(),
    },
    { highWaterMark: 0 },
  )
}
