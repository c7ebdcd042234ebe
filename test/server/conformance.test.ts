/** Weft keeps the rules that can be seen from outside, in every dialect. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../../server/app.ts'
import { defaultOptions } from '../../server/config.ts'
import { checkRule, suites } from '../conformance/dialects.ts'
import { quietLog } from '../support/quiet-log.ts'

const PATHS: Readonly<Record<string, string>> = { 'y-websocket': '/ws', hocuspocus: '/hocuspocus', 'y-sweet': '' }

let server: RunningServer
let data: string
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'weft-conformance-'))
  server = await startServer({ ...defaultOptions, port: 0, data }, quietLog())
})
afterAll(async () => {
  await server.close()
  await rm(data, { recursive: true, force: true })
})

describe.each(Object.entries(suites))('%s', (dialect, { wrapping, rules }) => {
  test.each(rules.map((rule) => [rule.id, rule.sentence, rule] as const))('[%s] %s', async (_id, _sentence, rule) => {
    const url = `${server.url.replace('http', 'ws')}${PATHS[dialect] ?? ''}`
    expect(await checkRule(rule, url, wrapping)).toBeNull()
  })
})
