import { describe, expect, test, vi } from 'vitest'
import { parseDocumentId } from '../../shared/ids.ts'
import { parseLinkToken } from '../../shared/link-token.ts'
import { addressQuota } from '../../server/auth/address-quota.ts'
import { ShareLinks } from '../../server/auth/share-links.ts'
import { byTokenKind } from '../../server/auth/token-kinds.ts'
import { openAccess } from '../../server/core/open-access.ts'
import { audited, limited } from '../../server/core/watched-authorizers.ts'
import type { AccessRequest } from '../../server/ports/authorizer.ts'
import { memoryAudit, memoryLinks } from '../support/links.ts'

const PLAN = parseDocumentId('plan')
const ANN = { user: 'ann', name: 'Ann', address: '203.0.113.5' }

const asking = (token: string | null, part: Partial<AccessRequest> = {}): AccessRequest => ({
  document: PLAN,
  token,
  claimed: { user: 'v1', name: 'Bob' },
  address: '203.0.113.9',
  ...part,
})

function shareLinks() {
  const store = memoryLinks()
  const audit = memoryAudit()
  const changed = vi.fn<(id: string) => void>()
  return { store, audit, changed, links: new ShareLinks({ store, audit, changed }) }
}

describe('a share link', () => {
  test('[LK2] gives its role in its document to whoever has its token, as a guest', async () => {
    const { links } = shareLinks()
    const { link, token } = await links.make(PLAN, { role: 'commenter' }, ANN)
    const grant = await links.authorize(asking(token))
    expect(grant).toMatchObject({ role: 'commenter', tokenId: link.id, expiresAtMs: null })
    expect(grant.author).toEqual({ user: `guest:${link.id}:v1`, name: 'Bob (guest)' })
    expect(grant.shownAs).toMatchObject({ id: grant.author.user, name: 'Bob (guest)' })
  })

  test('[LK3] is kept without its secret', async () => {
    const { links, store, audit } = shareLinks()
    const { token } = await links.make(PLAN, { role: 'viewer' }, ANN)
    const secret = parseLinkToken(token)?.secret ?? ''
    expect(secret).toHaveLength(43)
    expect(JSON.stringify([[...store.all], audit.events])).not.toContain(secret)
  })

  test('[LK4] lets nobody in with another secret, another form, in another document, after its end, or once revoked', async () => {
    const { links } = shareLinks()
    const { link, token } = await links.make(PLAN, { role: 'owner' }, ANN)
    const refused = (request: AccessRequest) =>
      links.authorize(request).then(
        () => 'let in',
        (error: { code: string }) => error.code,
      )
    const flipped = token.slice(0, -2) + (token.endsWith('AA') ? 'BB' : 'AA')
    const bad = [flipped, '', `wl_${link.id}`, `${token}A`, `wl_${'A'.repeat(55)}`, token.slice(1), `${token}.a.b`]
    for (const wrong of bad) expect(await refused(asking(wrong))).toBe('token-invalid')
    expect(await refused(asking(null))).toBe('token-invalid')
    expect(await refused(asking(token, { document: parseDocumentId('notes') }))).toBe('permission-denied')
    await links.change(PLAN, link.id, { expiresAtMs: Date.now() - 1 }, ANN)
    expect(await refused(asking(token))).toBe('token-expired')
    await links.change(PLAN, link.id, { expiresAtMs: null }, ANN)
    expect(await refused(asking(token))).toBe('let in')
    await links.revoke(PLAN, link.id, ANN)
    expect(await refused(asking(token))).toBe('access-revoked')
  })

  test('[LK5] that is changed or revoked says so at once, and is in the audit log before it holds', async () => {
    const { links, changed, audit } = shareLinks()
    const { link, token } = await links.make(PLAN, { role: 'viewer', label: 'Board' }, ANN)
    await links.change(PLAN, link.id, { role: 'editor' }, ANN)
    expect(changed).toHaveBeenCalledWith(link.id)
    expect(await links.authorize(asking(token))).toMatchObject({ role: 'editor' })
    expect(await links.list(PLAN)).toMatchObject([{ id: link.id, role: 'editor', label: 'Board', createdBy: 'Ann' }])
    await links.revoke(PLAN, link.id, ANN)
    expect(changed).toHaveBeenCalledTimes(2)
    expect(await links.list(PLAN)).toEqual([])
    expect(audit.events.map(({ action, detail }) => [action, detail['role']])).toEqual([
      ['link-made', 'viewer'],
      ['link-changed', 'editor'],
      ['link-revoked', 'editor'],
    ])
  })

  test('[LK6] cannot be changed or revoked through another document, nor once it is revoked', async () => {
    const { links } = shareLinks()
    const { link } = await links.make(PLAN, { role: 'viewer' }, ANN)
    const notes = parseDocumentId('notes')
    await expect(links.change(notes, link.id, { role: 'owner' }, ANN)).rejects.toMatchObject({ code: 'not-found' })
    await expect(links.revoke(notes, link.id, ANN)).rejects.toMatchObject({ code: 'not-found' })
    await links.revoke(PLAN, link.id, ANN)
    await expect(links.revoke(PLAN, link.id, ANN)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('[LK7] guests’ names hold no control characters and say what they are', async () => {
    const { links } = shareLinks()
    const { token } = await links.make(PLAN, { role: 'viewer' }, ANN)
    const nameOf = async (name: string) =>
      (await links.authorize(asking(token, { claimed: { user: '', name } }))).author.name
    expect(await nameOf('Ann\u202e\u0000 Lee')).toBe('Ann Lee (guest)')
    expect(await nameOf(' \u200b ')).toBe('Guest')
    expect(await nameOf('x'.repeat(500))).toHaveLength(64 + ' (guest)'.length)
  })

  test('[LK8] is told from other tokens by its form', async () => {
    const { links } = shareLinks()
    const either = byTokenKind(links, openAccess)
    const { token } = await links.make(PLAN, { role: 'viewer' }, ANN)
    expect(await either.authorize(asking(token))).toMatchObject({ role: 'viewer' })
    expect(await either.authorize(asking(null))).toMatchObject({ role: 'owner' })
    expect(await either.authorize(asking('eyJhbGciOiJub25lIn0.e30.'))).toMatchObject({ role: 'owner' })
    expect(await either.authorize(asking(token.slice(3)))).toMatchObject({ role: 'owner' })
    // In the form of a link it is one, right or wrong.
    await expect(either.authorize(asking(`wl_${'A'.repeat(55)}`))).rejects.toMatchObject({ code: 'token-invalid' })
  })
})

describe('what is watched', () => {
  test('[AU6] who was let in and who was not is noted, without the token', async () => {
    const { links } = shareLinks()
    const audit = memoryAudit()
    const watched = audited(links, audit, 'link')
    const { link, token } = await links.make(PLAN, { role: 'viewer' }, ANN)
    await watched.authorize(asking(token))
    const bad = `wl_${'B'.repeat(55)}`
    await expect(watched.authorize(asking(bad))).rejects.toMatchObject({ code: 'token-invalid' })
    expect(audit.events).toEqual([
      {
        action: 'access-granted',
        document: 'plan',
        user: `guest:${link.id}:v1`,
        name: 'Bob (guest)',
        address: '203.0.113.9',
        detail: { role: 'viewer', by: 'link', tokenId: link.id },
      },
      {
        action: 'access-denied',
        document: 'plan',
        user: '',
        name: '',
        address: '203.0.113.9',
        detail: { code: 'token-invalid', by: 'link', claimed: 'Bob' },
      },
    ])
    expect(JSON.stringify(audit.events)).not.toContain(token.slice(15))
  })

  test('[LM11] after so many bad tokens from one address no more are looked at, good ones neither; others are', async () => {
    const { links, store } = shareLinks()
    const { token } = await links.make(PLAN, { role: 'viewer' }, ANN)
    const keyOf = (address: string) => (address === 'home' ? null : address)
    const guarded = limited(links, addressQuota({ count: 3, perSeconds: 60, keyOf }), memoryAudit())
    const bad = `wl_${'B'.repeat(55)}`
    // A token for something else is no guess.
    for (let count = 0; count < 9; count++) {
      const elsewhere = asking(token, { document: parseDocumentId('notes') })
      await expect(guarded.authorize(elsewhere)).rejects.toMatchObject({ code: 'permission-denied' })
    }
    for (let count = 0; count < 3; count++) {
      await expect(guarded.authorize(asking(bad))).rejects.toMatchObject({ code: 'token-invalid' })
    }
    const find = vi.spyOn(store, 'find')
    await expect(guarded.authorize(asking(token))).rejects.toMatchObject({ code: 'too-many-failures' })
    expect(find).not.toHaveBeenCalled()
    expect(await guarded.authorize(asking(token, { address: '203.0.113.10' }))).toMatchObject({ role: 'viewer' })
    for (let count = 0; count < 9; count++) {
      const atHome = asking(bad, { address: 'home' })
      await expect(guarded.authorize(atHome)).rejects.toMatchObject({ code: 'token-invalid' })
    }
  })
})
