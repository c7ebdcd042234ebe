/**
 * Hocuspocus with its SQLite extension, everything else at its defaults.
 *
 * Usage: node hocuspocus.mjs PORT FOLDER [ISSUER AUDIENCE]
 *
 * With an issuer, nobody is let in without a token signed with BENCH_JWT_SECRET, checked by the library that Weft uses.
 */
import { join } from 'node:path'
import { SQLite } from '@hocuspocus/extension-sqlite'
import { Server } from '@hocuspocus/server'

const [, , port, folder, issuer, audience] = process.argv

const checksTokens = async () => {
  const secret = new TextEncoder().encode(process.env.BENCH_JWT_SECRET)
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  const demands = { algorithms: ['HS256'], issuer, audience, requiredClaims: ['sub', 'exp'] }
  const { jwtVerify } = await import('jose')
  return {
    async onAuthenticate({ token }) {
      const { payload } = await jwtVerify(token, key, demands)
      return { user: payload.sub }
    },
  }
}

const server = new Server({
  port: Number(port),
  address: '127.0.0.1',
  quiet: true,
  extensions: [new SQLite({ database: join(folder, 'documents.sqlite') })],
  ...(issuer === undefined ? {} : await checksTokens()),
})
await server.listen()
