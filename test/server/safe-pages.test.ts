import { once } from 'node:events'
import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { redact } from '../../shared/redact.ts'
import { FOREIGN_ORIGINS as FOREIGN, OUR_ORIGIN as ALLOWED } from '../../trust/access/hostile-addresses.ts'
import { runServer } from '../support/running-server.ts'

/** A request as a browser sends it, with headers that `fetch` does not let a caller set. */
function ask(url: string, method: string, headers: Record<string, string> = {}) {
  return new Promise<{ readonly status: number; readonly headers: NodeJS.Dict<string | string[]> }>((resolve) => {
    request(url, { method, headers }, (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
    }).end()
  })
}

describe('safe pages', () => {
  test('[SP1] a page runs our scripts only, sends nothing elsewhere, and is framed by nobody', async () => {
    const { url } = await runServer({ origins: ALLOWED })
    for (const path of ['/', '/edit/plan', '/edit/a/b']) {
      const { headers } = await ask(url + path, 'GET')
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("base-uri 'none'; form-action 'none'")
      expect(policy).toContain("connect-src 'self'; worker-src 'self'")
      expect(policy).not.toMatch(/unsafe|\*|blob:/)
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
    }
  })

  test('[SP12] a document under /embed/ may be framed by pages of the named origins, and by no others', async () => {
    const framers = async (origins: string): Promise<unknown> => {
      const { url } = await runServer({ origins })
      const { headers } = await ask(`${url}/embed/plan`, 'GET')
      const ancestors = /frame-ancestors ([^;]*)/.exec(String(headers['content-security-policy']))?.[1]
      return [ancestors, headers['x-frame-options']]
    }
    expect(await framers('https://app.example, https://other.example')).toEqual([
      'https://app.example https://other.example',
      undefined,
    ])
    expect(await framers('')).toEqual(["'none'", 'DENY'])
  })

  test('[SP2] answers of the API, errors too, are no pages and are not kept', async () => {
    const { url } = await runServer()
    for (const path of ['/api/v1/documents', '/api/v1/nothing', '/api/v1/operator/verify', '/healthz', '/readyz']) {
      const { headers } = await ask(url + path, 'GET')
      expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'; sandbox")
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    }
  })

  test('[SP3] a page of a foreign origin cannot post, patch or delete, and cannot read', async () => {
    const { url } = await runServer({ origins: ALLOWED })
    const routes = [
      ['POST', '/api/v1/documents'],
      ['POST', '/api/v1/documents/plan/restore'],
      ['POST', '/api/v1/operator/verify'],
      ['POST', '/doc/new'],
      ['POST', '/d/plan/update'],
      ['DELETE', '/api/v1/documents/plan/links/x'],
      ['GET', '/api/v1/documents'],
      ['OPTIONS', '/api/v1/documents'],
    ] as const
    for (const [method, path] of routes) {
      for (const origin of FOREIGN) {
        const { status, headers } = await ask(url + path, method, { origin })
        expect([status, headers['access-control-allow-origin']], `${method} ${path} ${origin}`).toEqual([
          403,
          undefined,
        ])
      }
    }
  })

  test('[SP4] a page of a foreign origin cannot open a connection in any dialect', async () => {
    const { url } = await runServer({ origins: ALLOWED })
    for (const path of ['/ws/plan', '/hocuspocus', '/d/plan/ws/plan']) {
      for (const origin of FOREIGN) {
        const socket = new WebSocket(url.replace('http', 'ws') + path, { origin })
        onTestFinished(() => socket.terminate())
        const [error] = (await once(socket, 'error')) as [Error]
        expect(error.message, `${path} ${origin}`).toContain('403')
      }
      const socket = new WebSocket(url.replace('http', 'ws') + path, { origin: ALLOWED })
      onTestFinished(() => socket.terminate())
      await once(socket, 'open')
    }
  })

  test('[SP5] a page of an origin that was named may use the API with a token, and no other page may read along', async () => {
    const { url } = await runServer({ origins: ALLOWED })
    const preflight = await ask(`${url}/api/v1/documents/plan/links`, 'OPTIONS', {
      origin: ALLOWED,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,content-type',
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': ALLOWED,
      'access-control-allow-headers': expect.stringContaining('authorization'),
      'access-control-allow-methods': expect.stringContaining('PATCH'),
    })
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined()
    const { status, headers } = await ask(`${url}/api/v1/documents`, 'POST', { origin: ALLOWED })
    expect([status, headers['access-control-allow-origin']]).toEqual([201, ALLOWED])
    expect(String(headers['vary']).toLowerCase()).toContain('origin')
  })
})

describe('redaction', () => {
  const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLW9mLWl0'
  const LINK = `wl_${'Ab-_'.repeat(14).slice(0, 55)}`

  test.for([
    ['a JWT in a sentence', `Token ${JWT} is no good.`, JWT],
    ['a JWT cut short', `Token ${JWT.slice(0, 30)}`, JWT.slice(0, 30)],
    ['a link’s token', `{"reason":"${LINK}"}`, LINK],
    ['a query parameter', '/ws/plan?weft=1&token=opaque-secret&name=Ann', 'opaque-secret'],
    ['a fragment', 'https://docs.example/edit/plan#link=opaque-secret', 'opaque-secret'],
    ['a header', 'authorization: Bearer opaque-secret', 'opaque-secret'],
    ['a subprotocol', 'weft, weft.token.opaque-secret', 'opaque-secret'],
    ['a field', '{"token":"opaque-secret","name":"Ann"}', 'opaque-secret'],
  ] as const)('[SP6] takes out %s and nothing else', ([, text, secret]) => {
    expect(redact(text)).not.toContain(secret)
    expect(redact(text)).toContain('[token]')
    expect(redact(text).replace('[token]', secret)).toBe(text)
  })

  test('[SP7] leaves alone what is none', () => {
    for (const text of [
      '{"document":"plans/eyJ","ms":12}',
      'wl_short',
      'the bearer',
      'bearers of news',
      '?tokens=3',
      'e.y.J',
    ]) {
      expect(redact(text)).toBe(text)
    }
  })
})
