/** Tokens signed by hand, good ones and, above all, those that no server may take. */
import { createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export const SECRET = 'correct horse battery staple, twice over'
export const NOW_S = Math.floor(Date.now() / 1_000)
const DAY_S = 86_400
/** Far enough for a whole run of the scorecard, at whose start this is loaded: what has expired is refused for that alone. */
export const EXPIRES_S = NOW_S + 2 * DAY_S
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const ed = generateKeyPairSync('ed25519')
export const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
export const RSA_PEM = pemOf(rsa.publicKey)

type Json = Readonly<Record<string, unknown>>

export const GOOD: Json = {
  iss: 'https://app.example',
  aud: 'weft',
  sub: 'ann',
  name: 'Ann Lee',
  iat: NOW_S,
  exp: EXPIRES_S,
  weft: [{ document: 'plan', role: 'editor' }],
}

export function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

export function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

export function withoutClaim(name: string): Json {
  return Object.fromEntries(Object.entries(GOOD).filter(([claim]) => claim !== name))
}

export function hmac(header: unknown, claims: unknown, secret: string | Buffer = SECRET, hash = 'sha256'): string {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}

export function hs256(claims: unknown, header: Json = {}): string {
  return hmac({ alg: 'HS256', typ: 'JWT', ...header }, claims)
}

export function rs256(claims: unknown, key: KeyObject = rsa.privateKey, header: Json = {}): string {
  const signed = `${encode({ alg: 'RS256', kid: 'one', ...header })}.${encode(claims)}`
  return `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`
}

export function es256(claims: unknown, header: Json = {}): string {
  const signed = `${encode({ alg: 'ES256', ...header })}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

export function edDsa(claims: unknown): string {
  const signed = `${encode({ alg: 'EdDSA' })}.${encode(claims)}`
  return `${signed}.${sign(null, Buffer.from(signed), ed.privateKey).toString('base64url')}`
}

export const good = hs256(GOOD)
const [goodHead = '', goodBody = '', goodSignature = ''] = good.split('.')

/** Tokens that a server with a shared secret must not take, whatever is wrong with them. */
export const HOSTILE: Readonly<Record<string, string>> = {
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
  'expiry as text': hs256({ ...GOOD, exp: String(EXPIRES_S) }),
  'expiry in the year 300,000': hs256({ ...GOOD, exp: 1e15 }),
  'expiry that overflows': hmac({ alg: 'HS256' }, JSON.stringify(GOOD).replace(`${EXPIRES_S}`, '1e999')),
  'issued in the future': hs256({ ...GOOD, iat: NOW_S + DAY_S }),
  'issued at a text': hs256({ ...GOOD, iat: 'now' }),
  'not good before tomorrow': hs256({ ...GOOD, nbf: NOW_S + DAY_S }),
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
