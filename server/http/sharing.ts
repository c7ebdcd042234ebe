/** Who else may do what in a document: its share links and its people. Only owners may see or change that. */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { type DocumentId, parseDocumentId } from '../../shared/ids.ts'
import { LINK_FRAGMENT } from '../../shared/link-token.ts'
import type { MadeShareLink, People, Person, ShareLinks } from '../../shared/rest.ts'
import { ROLES } from '../../shared/roles.ts'
import type { Links, Owner } from '../ports/links.ts'
import type { Allow } from './allow.ts'
import { parse } from './parse.ts'

export interface SharingDependencies {
  readonly links: Links
  readonly people: (document: DocumentId) => Promise<readonly Person[]>
  readonly allow: Allow
  readonly addressIn: (context: Context) => string
  /** Where clients reach this server, without a slash at the end; empty: where the request was sent to. */
  readonly publicUrl: string
}

const MAX_LABEL_CHARACTERS = 128

const role = z.enum(ROLES)
const label = z.string().max(MAX_LABEL_CHARACTERS)
// A `Date` holds no later time.
const expiresAtMs = z.number().int().min(0).max(8.64e15).nullable()

const newLink = z.strictObject({ role, label: label.exactOptional(), expiresAtMs: expiresAtMs.exactOptional() })
const change = newLink.extend({ role: role.exactOptional() })

/** Routes relative to /api/v1/documents. */
export function sharingRoutes({ links, people, allow, addressIn, publicUrl }: SharingDependencies): Hono {
  const ownerOf = async (context: Context): Promise<{ readonly document: DocumentId; readonly owner: Owner }> => {
    const document = parseDocumentId(context.req.param('document') ?? '')
    const { author } = await allow(context, document, 'share')
    return { document, owner: { ...author, address: addressIn(context) } }
  }
  return new Hono()
    .get('/:document/links', async (context) => {
      const { document } = await ownerOf(context)
      return context.json<ShareLinks>({ links: await links.list(document) })
    })
    .post('/:document/links', async (context) => {
      const { document, owner } = await ownerOf(context)
      const { link, token } = await links.make(document, parse(newLink, await bodyOf(context)), owner)
      const base = publicUrl === '' ? new URL(context.req.url).origin : publicUrl
      // In the fragment, which browsers send to nobody: neither to a proxy's log nor as a referrer.
      const url = `${base}/edit/${encodeURIComponent(document)}#${LINK_FRAGMENT}=${token}`
      return context.json<MadeShareLink>({ link, token, url }, 201)
    })
    .patch('/:document/links/:link', async (context) => {
      const { document, owner } = await ownerOf(context)
      const changes = parse(change, await bodyOf(context))
      return context.json(await links.change(document, context.req.param('link'), changes, owner))
    })
    .delete('/:document/links/:link', async (context) => {
      const { document, owner } = await ownerOf(context)
      await links.revoke(document, context.req.param('link'), owner)
      return context.body(null, 204)
    })
    .get('/:document/people', async (context) => {
      const { document } = await ownerOf(context)
      return context.json<People>({ people: await people(document) })
    })
}

/** Null where there is none: what has to be in it is missing then. */
function bodyOf(context: Context): Promise<unknown> {
  return context.req.json<unknown>().catch(() => null)
}
