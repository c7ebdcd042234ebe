/** Servers that let nobody in without a token, and clients that bring one: each person has a user and a token of their own. */
import { randomBytes } from 'node:crypto'
import { mintToken } from '../../server/auth/mint.ts'
import { authentication, type Person } from '../wire/protocol.ts'
import type { Target, TargetName } from './targets.ts'

/** As many as any scenario knows by number. */
const PEOPLE = 1_000
/** More than any scenario connects, so that none of their tokens is known already. */
const STRANGERS = 4_096
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
  const tokenOf = await makeTokens(secret)
  return {
    ...targets,
    weft: withAuthAtWeft(targets.weft, secret, tokenOf),
    hocuspocus: withAuthAtHocuspocus(targets.hocuspocus, secret, tokenOf),
  }
}

type TokenOf = (person: Person) => string

async function makeTokens(jwtSecret: string): Promise<TokenOf> {
  const options = { ...NAMES, jwtSecret, jwtAlgorithms: '' }
  const access = { name: '', role: 'editor', document: '', isPrefix: true, minutes: MINUTES } as const
  const tokens: string[] = []
  for (let at = 0; at < PEOPLE + STRANGERS; at++)
    tokens.push(await mintToken({ ...access, user: `user-${at}` }, options))
  let strangers = 0
  return (person) => tokens[person ?? PEOPLE + (strangers++ % STRANGERS)] ?? ''
}

/** As stock y-websocket clients send it: in the query. */
function withAuthAtWeft(target: Target, secret: string, tokenOf: TokenOf): Target {
  const { protocol } = target
  return {
    ...target,
    title: `${target.title} with auth`,
    protocol: {
      ...protocol,
      path: (document, person) => `${protocol.path(document, person)}?token=${tokenOf(person)}`,
    },
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
function withAuthAtHocuspocus(target: Target, secret: string, tokenOf: TokenOf): Target {
  return {
    ...target,
    title: `${target.title} with auth`,
    protocol: { ...target.protocol, greeting: (document, person) => authentication(document, tokenOf(person)) },
    command(start) {
      const { args, env } = target.command(start)
      const { jwtIssuer, jwtAudience } = NAMES
      return { args: [...args, jwtIssuer, jwtAudience], env: { ...env, BENCH_JWT_SECRET: secret } }
    },
  }
}
