import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { KeyObject } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { JwtAuthorizer } from '../../server/auth/jwt-authorizer.ts'
import { loadKeys } from '../../server/auth/keys.ts'
import { defaultOptions, type Options } from '../../server/config.ts'
import type { Grant } from '../../server/ports/authorizer.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import {
  ec,
  ed,
  edDsa,
  encode,
  EXPIRES_S,
  es256,
  GOOD,
  good,
  hmac,
  HOSTILE,
  hs256,
  NOW_S,
  otherRsa,
  pemOf,
  rs256,
  rsa,
  RSA_PEM,
  SECRET,
  withoutClaim,
} from '../../trust/access/forged-tokens.ts'

async function authorizer(options: Partial<Options>): Promise<JwtAuthorizer> {
  const all = { ...defaultOptions, jwtIssuer: 'https://app.example', jwtAudience: 'weft', ...options }
  return new JwtAuthorizer(await loadKeys(all), all)
}

async function keyFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-keys-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'key'), text)
  return join(folder, 'key')
}

function ask(asked: JwtAuthorizer, token: string | null, document = 'plan'): Promise<Grant> {
  return asked.authorize({
    document: parseDocumentId(document),
    token,
    claimed: { user: 'eve', name: 'Eve' },
    address: '',
  })
}

afterEach(() => vi.useRealTimers())

describe('tokens that are no good', () => {
  test('[JW1] there are at least 60 of them, and one good one', async () => {
    expect(Object.keys(HOSTILE).length).toBeGreaterThanOrEqual(60)
    expect(await ask(await authorizer({ jwtSecret: SECRET }), good)).toMatchObject({ role: 'editor' })
  })

  test.each(Object.entries(HOSTILE))(
    '[JW1] %s: refused as token-invalid, and nothing is said of it',
    async (_, token) => {
      const refusal: unknown = await ask(await authorizer({ jwtSecret: SECRET }), token).catch(
        (thrown: unknown) => thrown,
      )
      expect(refusal).toMatchObject({ name: 'SyncError', code: 'token-invalid' })
      for (const part of token.split('.').filter(({ length }) => length > 8))
        expect(String(refusal)).not.toContain(part)
    },
  )

  test('[JW2] no token is another thing than a bad one', async () => {
    const asked = await authorizer({ jwtSecret: SECRET })
    await expect(ask(asked, null)).rejects.toMatchObject({ code: 'token-missing' })
    await expect(ask(asked, '')).rejects.toMatchObject({ code: 'token-missing' })
  })

  test('[JW3] an old token is told from a bad one, without any tolerance, also when it was good a moment ago', async () => {
    const asked = await authorizer({ jwtSecret: SECRET })
    await expect(ask(asked, hs256({ ...GOOD, exp: NOW_S - 1 }))).rejects.toMatchObject({ code: 'token-expired' })
    const brief = hs256({ ...GOOD, exp: NOW_S + 100 })
    expect(await ask(asked, brief)).toMatchObject({ expiresAtMs: (NOW_S + 100) * 1_000 })
    vi.useFakeTimers({ now: (NOW_S + 100) * 1_000, toFake: ['Date'] })
    await expect(ask(asked, brief)).rejects.toMatchObject({ code: 'token-expired' })
  })

  test('[JW4] a public key is never taken for a shared secret', async () => {
    const asked = await authorizer({ jwtKeyFile: await keyFile(RSA_PEM), jwtAlgorithms: 'RS256' })
    expect(await ask(asked, rs256(GOOD))).toMatchObject({ role: 'editor' })
    const der = rsa.publicKey.export({ type: 'spki', format: 'der' })
    for (const confused of [
      hmac({ alg: 'HS256' }, GOOD, RSA_PEM),
      hmac({ alg: 'HS256' }, GOOD, RSA_PEM.trim()),
      hmac({ alg: 'HS256' }, GOOD, der),
      hmac({ alg: 'HS256', kid: 'one' }, GOOD, JSON.stringify(rsa.publicKey.export({ format: 'jwk' }))),
      `${encode({ alg: 'none' })}.${encode(GOOD)}.`,
      rs256(GOOD, otherRsa.privateKey),
      rs256(GOOD, otherRsa.privateKey, { jwk: otherRsa.publicKey.export({ format: 'jwk' }) }),
      es256(GOOD),
    ]) {
      await expect(ask(asked, confused)).rejects.toMatchObject({ code: 'token-invalid' })
    }
  })

  test('[JW4] options that would allow it keep the server from starting', async () => {
    const pem = await keyFile(RSA_PEM)
    for (const options of [
      { jwtSecret: 'short' },
      { jwtSecret: 'x'.repeat(31) },
      { jwtSecret: SECRET, jwtAlgorithms: 'none' },
      { jwtSecret: SECRET, jwtAlgorithms: 'RS256' },
      { jwtSecret: SECRET, jwtKeyFile: pem },
      { jwtKeyFile: pem },
      { jwtKeyFile: pem, jwtAlgorithms: 'RS256,HS256' },
      { jwtKeyFile: pem, jwtAlgorithms: 'ES256' },
      { jwtKeyFile: '/nowhere', jwtAlgorithms: 'RS256' },
      { jwtKeyFile: await keyFile('no key'), jwtAlgorithms: 'RS256' },
      { jwksUrl: 'http://keys.example/', jwtAlgorithms: 'RS256' },
      { jwksUrl: 'https://keys.example/', jwtAlgorithms: 'HS256' },
      { jwksUrl: 'nowhere', jwtAlgorithms: 'RS256' },
      { jwtSecret: SECRET, jwtIssuer: '' },
      { jwtSecret: SECRET, jwtAudience: '' },
    ]) {
      await expect(authorizer(options), JSON.stringify(options)).rejects.toMatchObject({ code: 'invalid-request' })
    }
  })
})

describe('tokens that are good', () => {
  test('[JW5] say who somebody is, what they may do, and until when', async () => {
    const asked = await authorizer({ jwtSecret: SECRET })
    expect(await ask(asked, hs256({ ...GOOD, jti: 'one', color: '#1a2b3c' }))).toEqual({
      author: { user: 'ann', name: 'Ann Lee' },
      shownAs: { id: 'ann', name: 'Ann Lee', color: '#1a2b3c' },
      role: 'editor',
      expiresAtMs: EXPIRES_S * 1_000,
      tokenId: 'one',
      issuedAtMs: NOW_S * 1_000,
    })
  })

  test('[JW6] RS256, ES256 and EdDSA are checked with a PEM file, and several keys with a key set', async () => {
    for (const [name, key, token] of [
      ['RS256', rsa.publicKey, rs256(GOOD)],
      ['ES256', ec.publicKey, es256(GOOD)],
      ['EdDSA', ed.publicKey, edDsa(GOOD)],
    ] as const) {
      const asked = await authorizer({ jwtKeyFile: await keyFile(pemOf(key)), jwtAlgorithms: name })
      expect(await ask(asked, token), name).toMatchObject({ role: 'editor' })
    }
    const keys = [rsa, ec, ed].map(({ publicKey }) => publicKey.export({ format: 'jwk' }))
    const file = await keyFile(JSON.stringify({ keys }))
    const asked = await authorizer({ jwtKeyFile: file, jwtAlgorithms: 'RS256, ES256, EdDSA' })
    for (const token of [rs256(GOOD, rsa.privateKey, { kid: undefined }), es256(GOOD), edDsa(GOOD)]) {
      expect(await ask(asked, token)).toMatchObject({ role: 'editor' })
    }
  })

  test('[JW20] HS256, HS384 and HS512 are checked with a secret, each where it is named', async () => {
    const names = ['HS256', 'HS384', 'HS512'] as const
    const tokenOf = (name: string): string => hmac({ alg: name }, GOOD, SECRET, `sha${name.slice(2)}`)
    const all = await authorizer({ jwtSecret: SECRET, jwtAlgorithms: names.join(',') })
    for (const name of names) {
      expect(await ask(all, tokenOf(name)), name).toMatchObject({ role: 'editor' })
      const one = await authorizer({ jwtSecret: SECRET, jwtAlgorithms: name })
      for (const other of names) {
        const answer = expect(ask(one, tokenOf(other)), `${other} where ${name} is named`)
        if (other === name) await answer.resolves.toMatchObject({ role: 'editor' })
        else await answer.rejects.toMatchObject({ code: 'token-invalid' })
      }
    }
  })

  test('[JW7] give nothing in documents they do not name', async () => {
    const asked = await authorizer({ jwtSecret: SECRET })
    for (const document of ['plan2', 'Plan', 'plan/', 'team/plan']) {
      await expect(ask(asked, good, document)).rejects.toMatchObject({ code: 'permission-denied' })
    }
    await expect(ask(asked, hs256(withoutClaim('weft')))).rejects.toMatchObject({ code: 'permission-denied' })
  })

  test('[JW8] the name itself counts before a prefix, a longer prefix before a shorter one, and none before all', async () => {
    const asked = await authorizer({ jwtSecret: SECRET })
    const weft = [
      { prefix: '', role: 'viewer' },
      { prefix: 'team/', role: 'editor' },
      { document: 'team/plan', role: 'commenter' },
      { prefix: 'team/hr/', role: 'none' },
      { document: 'team/hr/picnic', role: 'owner' },
      { document: 'board', role: 'none' },
    ]
    const token = hs256({ ...GOOD, weft })
    const roles = { lunch: 'viewer', 'team/notes': 'editor', 'team/plan': 'commenter' }
    for (const [document, role] of Object.entries(roles))
      expect(await ask(asked, token, document)).toMatchObject({ role })
    for (const document of ['team/hr/pay', 'team/hr/picnic', 'board']) {
      await expect(ask(asked, token, document)).rejects.toMatchObject({ code: 'permission-denied' })
    }
  })
})

describe('a key set at an address', () => {
  async function keyServer(answer: () => { status: number; body: string }) {
    let fetches = 0
    const server = createServer((_request, response) => {
      fetches++
      const { status, body } = answer()
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`, fetches: () => fetches }
  }
  const setOf = (kid: string, key: KeyObject) => ({ ...key.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' })

  test('[JW9] is fetched once, and not again for each token with a key that is not in it', async () => {
    const { url, fetches } = await keyServer(() => ({
      status: 200,
      body: JSON.stringify({ keys: [setOf('one', rsa.publicKey)] }),
    }))
    const asked = await authorizer({ jwksUrl: url, jwtAlgorithms: 'RS256' })
    for (let tokens = 0; tokens < 5; tokens++) await ask(asked, rs256({ ...GOOD, n: tokens }))
    for (let tokens = 0; tokens < 20; tokens++) {
      const unknown = rs256(GOOD, otherRsa.privateKey, { kid: `unknown ${tokens}` })
      await expect(ask(asked, unknown)).rejects.toMatchObject({ code: 'token-invalid' })
    }
    expect(fetches()).toBe(1)
  })

  test('[JW9] is fetched again for a new key once the last time is long enough ago', async () => {
    let keys = [setOf('one', rsa.publicKey)]
    const { url } = await keyServer(() => ({ status: 200, body: JSON.stringify({ keys }) }))
    const asked = await authorizer({ jwksUrl: url, jwtAlgorithms: 'RS256', jwksCooldownMs: 0 })
    expect(await ask(asked, rs256(GOOD))).toMatchObject({ role: 'editor' })
    keys = [setOf('two', otherRsa.publicKey)]
    expect(await ask(asked, rs256(GOOD, otherRsa.privateKey, { kid: 'two' }))).toMatchObject({ role: 'editor' })
  })

  test('[JW10] an address that does not answer as it should is our fault and not the token’s', async () => {
    for (const answer of [
      { status: 500, body: '' },
      { status: 200, body: 'keys?' },
      { status: 200, body: '{"keys":7}' },
    ]) {
      const { url } = await keyServer(() => answer)
      const asked = await authorizer({ jwksUrl: url, jwtAlgorithms: 'RS256' })
      await expect(ask(asked, rs256(GOOD))).rejects.toMatchObject({ code: 'overloaded' })
    }
  })
})
