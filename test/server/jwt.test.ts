import { createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { JwtAuthorizer } from '../../server/auth/jwt-authorizer.ts'
import { loadKeys } from '../../server/auth/keys.ts'
import { defaultOptions, type Options } from '../../server/config.ts'
import type { Grant } from '../../server/ports/authorizer.ts'
import { parseDocumentId } from '../../shared/ids.ts'

const SECRET = 'correct horse battery staple, twice over'
const NOW_S = Math.floor(Date.now() / 1_000)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const RSA_PEM = pemOf(rsa.publicKey)

type Json = Readonly<Record<string, unknown>>

const GOOD: Json = {
  iss: 'https://app.example',
  aud: 'weft',
  sub: 'ann',
  name: 'Ann Lee',
  iat: NOW_S,
  exp: NOW_S + 600,
  weft: [{ document: 'plan', role: 'editor' }],
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

function withoutClaim(name: string): Json {
  return Object.fromEntries(Object.entries(GOOD).filter(([claim]) => claim !== name))
}

function hmac(header: unknown, claims: unknown, secret: string | Buffer = SECRET, hash = 'sha256'): string {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}

function hs256(claims: unknown, header: Json = {}): string {
  return hmac({ alg: 'HS256', typ: 'JWT', ...header }, claims)
}

function rs256(claims: unknown, key: KeyObject = rsa.privateKey, header: Json = {}): string {
  const signed = `${encode({ alg: 'RS256', kid: 'one', ...header })}.${encode(claims)}`
  return `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`
}

function es256(claims: unknown, header: Json = {}): string {
  const signed = `${encode({ alg: 'ES256', ...header })}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function edDsa(claims: unknown): string {
  const signed = `${encode({ alg: 'EdDSA' })}.${encode(claims)}`
  return `${signed}.${sign(null, Buffer.from(signed), ed.privateKey).toString('base64url')}`
}

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

const good = hs256(GOOD)
const [goodHead = '', goodBody = '', goodSignature = ''] = good.split('.')

/** Tokens that a server with a shared secret must not take, whatever is wrong with them. */
const HOSTILE: Readonly<Record<string, string>> = {
  // Whose algorithm is another
  'alg none': `${encode({ alg: 'none' })}.${goodBody}.`,
  'alg None': `${encode({ alg: 'None' })}.${goodBody}.`,
  'alg NONE with the good signature': `${encode({ alg: 'NONE' })}.${goodBody}.${goodSignature}`,
  'alg nOnE without a last dot': `${encode({ alg: 'nOnE' })}.${goodBody}`,
  'alg empty': hmac({ alg: '' }, GOOD),
  'no alg': hmac({ typ: 'JWT' }, GOOD),
  'alg is a number': hmac({ alg: 256 }, GOOD),
  'alg is a list': hmac({ alg: ['HS256', 'none'] }, GOOD),
  'alg is null': hmac({ alg: null }, GOOD),
  'alg hs256 in small letters': hmac({ alg: 'hs256' }, GOOD),
  'alg HS256 with a space': hmac({ alg: 'HS256 ' }, GOOD),
  'alg HS384, properly signed': hmac({ alg: 'HS384' }, GOOD, SECRET, 'sha384'),
  'alg HS512, properly signed': hmac({ alg: 'HS512' }, GOOD, SECRET, 'sha512'),
  'alg RS256 over a shared secret': hmac({ alg: 'RS256' }, GOOD),
  'alg RS256, properly signed by somebody': rs256(GOOD),
  'alg ES256, properly signed by somebody': es256(GOOD),
  'alg EdDSA, properly signed by somebody': edDsa(GOOD),
  'alg PS256': hmac({ alg: 'PS256' }, GOOD),
  'two algs, the last one good': `${encode('{"alg":"none","alg":"HS384"}')}.${goodBody}.${goodSignature}`,
  // Signed by another key, or not at all
  'another secret': hmac({ alg: 'HS256' }, GOOD, 'a secret of somebody else, long enough'),
  'an empty secret': hmac({ alg: 'HS256' }, GOOD, ''),
  'the secret in hex': hmac({ alg: 'HS256' }, GOOD, Buffer.from(SECRET).toString('hex')),
  'no signature': `${goodHead}.${goodBody}.`,
  'a cut signature': good.slice(0, -6),
  'a longer signature': `${good}AAAA`,
  'a signature of zeros': `${goodHead}.${goodBody}.${encode(Buffer.alloc(32).toString('latin1'))}`,
  'other claims under a good signature': `${goodHead}.${encode({ ...GOOD, sub: 'root' })}.${goodSignature}`,
  'another header under a good signature': `${encode({ alg: 'HS256', kid: 'x' })}.${goodBody}.${goodSignature}`,
  // That say where their own key is
  'kid that is a path': hs256(GOOD, { kid: '../../../../dev/null' }).slice(0, -1),
  'kid /dev/null, signed with nothing': hmac({ alg: 'HS256', kid: '/dev/null' }, GOOD, ''),
  'kid with SQL, signed with what it selects': hmac({ alg: 'HS256', kid: "x' UNION SELECT 'key' --" }, GOOD, 'key'),
  'kid that is an address, signed with its key': rs256(GOOD, otherRsa.privateKey, { kid: 'http://127.0.0.1:9/key' }),
  'jwk with the key it is signed with': rs256(GOOD, otherRsa.privateKey, {
    jwk: otherRsa.publicKey.export({ format: 'jwk' }),
  }),
  'jku with an address of its own': rs256(GOOD, otherRsa.privateKey, { jku: 'http://127.0.0.1:9/keys' }),
  'x5u with an address of its own': rs256(GOOD, otherRsa.privateKey, { x5u: 'http://127.0.0.1:9/cert' }),
  'x5c with a certificate of its own': rs256(GOOD, otherRsa.privateKey, { x5c: ['AAAA'] }),
  'jwk that is a shared secret': hmac({ alg: 'HS256', jwk: { kty: 'oct', k: encode('k') } }, GOOD, 'k'),
  // With headers that ask for what nobody knows
  'crit with an unknown word': hs256(GOOD, { crit: ['mind'], mind: true }),
  'crit that is empty': hs256(GOOD, { crit: [] }),
  'claims not encoded (b64 false)': hs256(GOOD, { crit: ['b64'], b64: false }),
  // For another audience, by another issuer, at another time
  'another audience': hs256({ ...GOOD, aud: 'billing' }),
  'no audience': hs256(withoutClaim('aud')),
  'an audience that only begins right': hs256({ ...GOOD, aud: 'weft.evil' }),
  'a list of other audiences': hs256({ ...GOOD, aud: ['billing', 'mail'] }),
  'another issuer': hs256({ ...GOOD, iss: 'https://evil.example' }),
  'an issuer with a slash more': hs256({ ...GOOD, iss: 'https://app.example/' }),
  'no issuer': hs256(withoutClaim('iss')),
  'no subject': hs256(withoutClaim('sub')),
  'an empty subject': hs256({ ...GOOD, sub: '' }),
  'a subject that is a number': hs256({ ...GOOD, sub: 7 }),
  'a subject that is an object': hs256({ ...GOOD, sub: { toString: 'root' } }),
  'a subject with a line break': hs256({ ...GOOD, sub: 'ann\nadmin' }),
  'a subject of 10,000 letters': hs256({ ...GOOD, sub: 'a'.repeat(10_000) }),
  'half a surrogate pair as subject': hmac(
    { alg: 'HS256' },
    '{"iss":"https://app.example","aud":"weft","sub":"\\ud800","exp":9999999999}',
  ),
  'no expiry': hs256(withoutClaim('exp')),
  'expiry as text': hs256({ ...GOOD, exp: String(NOW_S + 600) }),
  'expiry in the year 300,000': hs256({ ...GOOD, exp: 1e15 }),
  'expiry that overflows': hmac({ alg: 'HS256' }, JSON.stringify(GOOD).replace(`${NOW_S + 600}`, '1e999')),
  'issued in the future': hs256({ ...GOOD, iat: NOW_S + 3_600 }),
  'issued at a text': hs256({ ...GOOD, iat: 'now' }),
  'not good before tomorrow': hs256({ ...GOOD, nbf: NOW_S + 86_400 }),
  'an id that is no text': hs256({ ...GOOD, jti: 1 }),
  'a name that is no text': hs256({ ...GOOD, name: ['Ann'] }),
  'a colour that is a style': hs256({ ...GOOD, color: 'red;background:url(//evil.example)' }),
  // Whose rules are none
  'rules that are a text': hs256({ ...GOOD, weft: 'owner' }),
  'rules that are an object': hs256({ ...GOOD, weft: { plan: 'owner' } }),
  'a rule with an unknown role': hs256({ ...GOOD, weft: [{ document: 'plan', role: 'admin' }] }),
  'a rule with a role from the prototype': hs256({ ...GOOD, weft: [{ document: 'plan', role: 'constructor' }] }),
  'a rule for no document': hs256({ ...GOOD, weft: [{ role: 'owner' }] }),
  'a rule for a name and a prefix': hs256({ ...GOOD, weft: [{ document: 'plan', prefix: '', role: 'owner' }] }),
  'a rule for a list of documents': hs256({ ...GOOD, weft: [{ document: ['plan'], role: 'owner' }] }),
  'a rule that is null': hs256({ ...GOOD, weft: [null] }),
  // That are no tokens
  'one dot': `${goodHead}.${goodBody}`,
  'four dots': `${good}.x.y`,
  'an encrypted token': `${encode({ alg: 'dir', enc: 'A256GCM' })}....`,
  'a nested token': hmac({ alg: 'HS256', cty: 'JWT' }, good),
  'claims that are a list': hmac({ alg: 'HS256' }, [GOOD]),
  'claims that are no JSON': hmac({ alg: 'HS256' }, 'plan: owner'),
  'a header that is no JSON': hmac('HS256', GOOD),
  'base64 with padding': `${goodHead}==.${goodBody}.${goodSignature}`,
  'a megabyte': hs256({ ...GOOD, more: 'x'.repeat(1_000_000) }),
  'JSON nested 100,000 deep': hmac({ alg: 'HS256' }, '['.repeat(100_000)),
  'a claim __proto__': hmac(
    { alg: 'HS256' },
    '{"__proto__":{"iss":"https://app.example","aud":"weft","sub":"ann","exp":9999999999}}',
  ),
  text: 'let me in',
  'a NUL': '\0',
  SQL: "' OR 1=1 --",
}

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
      expiresAtMs: (NOW_S + 600) * 1_000,
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
