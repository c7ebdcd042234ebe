/**
 * The keys that signatures are checked with: one shared secret, a file with public keys, or an address that has them.
 *
 * Exactly one of them, and algorithms of its kind only: a public key taken for a shared secret is the oldest trick
 * there is.
 */
import { readFile } from 'node:fs/promises'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type CryptoKey,
  errors,
  importSPKI,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose'
import { SyncError } from '../../shared/errors.ts'
import type { KeyOptions } from './key-options.ts'

export interface Keys {
  readonly algorithms: readonly string[]
  readonly keyOf: JWTVerifyGetKey
}

const MIN_SECRET_BYTES = 32

/** What is wrong with the token, as opposed to the address that has the keys. */
const NO_SUCH_KEY = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]

const SHARED = ['HS256', 'HS384', 'HS512']
const PUBLIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** Rejects `invalid-request` when the options do not go together or a key is too weak. */
export async function loadKeys(options: KeyOptions): Promise<Keys> {
  const { jwtSecret, jwtKeyFile, jwksUrl } = options
  if ([jwtSecret, jwtKeyFile, jwksUrl].filter((source) => source !== '').length > 1) {
    throw refusal('Tokens are checked by one of --jwt-secret, --jwt-key-file and --jwks-url; take two of them away.')
  }
  if (jwtSecret !== '') {
    const algorithms = sharedAlgorithms(options)
    return { algorithms, keyOf: oneOf(await importShared(sharedKey(jwtSecret), algorithms)) }
  }
  const algorithms = algorithmsOf(options, PUBLIC, '')
  if (jwksUrl !== '') return { algorithms, keyOf: remoteKeys(jwksUrl, options) }
  return { algorithms, keyOf: await keysInFile(jwtKeyFile, algorithms) }
}

function algorithmsOf(
  { jwtAlgorithms }: Pick<KeyOptions, 'jwtAlgorithms'>,
  possible: readonly string[],
  otherwise: string,
): readonly string[] {
  const named = jwtAlgorithms
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const algorithms = named.length === 0 && otherwise !== '' ? [otherwise] : named
  if (algorithms.length === 0)
    throw refusal(`Say with --jwt-algorithms which signatures count: ${possible.join(', ')}.`)
  for (const name of algorithms) {
    if (!possible.includes(name))
      throw refusal(`--jwt-algorithms ${name} does not go with this key; these do: ${possible.join(', ')}.`)
  }
  return algorithms
}

/** The algorithms that go with a shared secret; the first is what tokens are best signed with. */
export function sharedAlgorithms(options: Pick<KeyOptions, 'jwtAlgorithms'>): readonly string[] {
  return algorithmsOf(options, SHARED, 'HS256')
}

/** A shared secret as a key. Throws `invalid-request` when it is short enough to be guessed. */
export function sharedKey(secret: string): Uint8Array<ArrayBuffer> {
  const key = new TextEncoder().encode(secret)
  if (key.length < MIN_SECRET_BYTES) {
    throw refusal(`--jwt-secret has ${key.length} bytes; take ${MIN_SECRET_BYTES} random ones or more.`)
  }
  return key
}

function remoteKeys(address: string, options: KeyOptions): JWTVerifyGetKey {
  const url = URL.canParse(address) ? new URL(address) : null
  const isLocal = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url === null || (url.protocol !== 'https:' && !isLocal)) {
    throw refusal('--jwks-url has to be an https address, or an http one on this machine.')
  }
  const keyOf = createRemoteJWKSet(url, {
    cacheMaxAge: options.jwksCacheMs,
    cooldownDuration: options.jwksCooldownMs,
    timeoutDuration: options.jwksTimeoutMs,
  })
  return async (header, token) => {
    try {
      return await keyOf(header, token)
    } catch (thrown) {
      if (NO_SUCH_KEY.some((kind) => thrown instanceof kind)) throw thrown
      // Not the client's fault, which is to come back.
      throw new SyncError('overloaded', `No keys could be had from ${url.origin}; try again.`, { cause: thrown })
    }
  }
}

async function keysInFile(file: string, algorithms: readonly string[]): Promise<JWTVerifyGetKey> {
  try {
    const text = await readFile(file, 'utf8')
    if (text.trimStart().startsWith('{')) return createLocalJWKSet(asKeySet(JSON.parse(text)))
    const keys = new Map<string, CryptoKey>()
    for (const name of algorithms) keys.set(name, await importSPKI(text, name))
    return oneOf(keys)
  } catch (cause) {
    throw new SyncError('invalid-request', `--jwt-key-file ${file} holds no public key for ${algorithms.join(', ')}.`, {
      cause,
    })
  }
}

/** Imported once: bytes would be imported anew for each token, which is half of what checking one takes. */
async function importShared(
  bytes: Uint8Array<ArrayBuffer>,
  algorithms: readonly string[],
): Promise<ReadonlyMap<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>()
  for (const name of algorithms) {
    const hash = `SHA-${name.slice(-3)}`
    keys.set(name, await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash }, false, ['verify']))
  }
  return keys
}

/** The key for the algorithm that a token names. */
function oneOf(keys: ReadonlyMap<string, CryptoKey>): JWTVerifyGetKey {
  return ({ alg }) => {
    const key = keys.get(alg)
    return key === undefined
      ? Promise.reject(new SyncError('token-invalid', 'No key has this algorithm.'))
      : Promise.resolve(key)
  }
}

/** A key set, also of a single key. */
function asKeySet(json: unknown): JSONWebKeySet {
  const isSet = typeof json === 'object' && json !== null && 'keys' in json
  // What is none, jose refuses.
  return (isSet ? json : { keys: [json] }) as JSONWebKeySet
}

function refusal(sentence: string): SyncError {
  return new SyncError('invalid-request', sentence)
}
