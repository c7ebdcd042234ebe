import { describe, expect, test } from 'vitest'
import { runServer } from '../support/running-server.ts'
import { tokenOptions } from '../support/tokens.ts'
import { weft } from '../support/weft.ts'

const { jwtSecret = '', jwtIssuer = '', jwtAudience = '' } = tokenOptions
const KEYS = ['--jwt-secret', jwtSecret, '--jwt-issuer', jwtIssuer, '--jwt-audience', jwtAudience]

describe('weft token', () => {
  test('[TK1] makes a token that a server with the same options takes, for what it says and nothing else', async () => {
    const { url } = await runServer(tokenOptions)
    const { out } = await weft('token', 'team/', '--prefix', '--role', 'owner', '--user', 'ann', ...KEYS)
    const statusOf = async (document: string): Promise<number> => {
      const path = `/api/v1/documents/${encodeURIComponent(document)}/people`
      return (await fetch(url + path, { headers: { authorization: `Bearer ${out.trim()}` } })).status
    }
    expect([await statusOf('team/plan'), await statusOf('plan')]).toEqual([200, 403])
  })

  test('[TK2] makes none without the secret, and none with a weak one', async () => {
    expect((await weft('token', 'plan', ...KEYS.slice(2))).error).toContain('invalid-request')
    const weak = await weft('token', 'plan', ...KEYS, '--jwt-secret', 'short')
    expect([weak.code, weak.out]).toEqual([1, ''])
  })
})
