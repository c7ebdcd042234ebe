/** Servers that let nobody in without a token, and clients that each bring one of a user of their own. */
import { randomBytes } from 'node:crypto'
import { mintToken } from '../../server/auth/mint.ts'
import { authentication } from '../wire/protocol.ts'
import type { Target, TargetName } from './targets.ts'

/** More than any scenario connects, so that no two clients of a run are the same user, and no token is known already. */
const TOKENS = 8_192
/** Longer than any run: what a token's end costs is not measured. */
const MINUTES = 24 * 60
const NAMES = { jwtIssuer: 'bench', jwtAudience: 'weft' }

/**
 * `targets` with a secret made for this run; those that have no access control of their own stay open. All tokens are made
 * before this resolves: none is paid for under the clock.
 */
export async function withAuth(
  targets: Readonly<Record<TargetName, Target>>,
): Promise<Readonly<Record<TargetName, Target>>> {
  const secret = randomBytes(32).toString('hex')
  const nextToken = await tokenSource(secret)
  return {
    ...targets,
    weft: withAuthAtWeft(targets.weft, secret, nextToken),
    hocuspocus: withAuthAtHocuspocus(targets.hocuspocus, secret, nextToken),
  }
}

async function tokenSource(jwtSecret: string): Promise<() => string> {
  const options = { ...NAMES, jwtSecret, jwtAlgorithms: '' }
  const access = { name: '', role: 'editor', document: '', isPrefix: true, minutes: MINUTES } as const
  const tokens: string[] = []
  for (let at = 0; at < TOKENS; at++) tokens.push(await mintToken({ ...access, user: `user-${at}` }, options))
  let connections = 0
  return () => tokens[connections++ % TOKENS] ?? ''
}

/** As stock y-websocket clients send it: in the query. */
function withAuthAtWeft(target: Target, secret: string, nextToken: () => string): Target {
  const { protocol } = target
  return {
    ...target,
    title: `${target.title} with auth`,
    protocol: { ...protocol, path: (document) => `${protocol.path(document)}?token=${nextToken()}` },
    command(start) {
      const { args, env } = target.command(start)
      const { jwtIssuer, jwtAudience } = NAMES
      return {
        args: [...args, '--jwt-issuer', jwtIssuer, '--jwt-audience', jwtAudience],
        env: { ...env, WEFT_JWT_SECRET: secret },
      }
    },
  }
}

/** As its provider sends it: in the first message. */
function withAuthAtHocuspocus(target: Target, secret: string, nextToken: () => string): Target {
  return {
    ...target,
    title: `${target.title} with auth`,
    protocol: { ...target.protocol, greeting: (document) => authentication(document, nextToken()) },
    command(start) {
      const { args, env } = target.command(start)
      const { jwtIssuer, jwtAudience } = NAMES
      return { args: [...args, jwtIssuer, jwtAudience], env: { ...env, BENCH_JWT_SECRET: secret } }
    },
  }
}
