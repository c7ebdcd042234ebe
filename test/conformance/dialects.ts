/** What each dialect has of its own, and which rules hold in it. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { describe, message, step1, step2, token, update } from '../support/hocuspocus.ts'
import { inMessages, inPath, inPathTwice, join, type Member, type Wrapping } from './member.ts'
import type { Peer } from './peer.ts'
import { type Rule, sharedRules, type Target, typed } from './rules.ts'

export interface DialectSuite {
  readonly wrapping: Wrapping
  readonly rules: readonly Rule[]
}

/** A rule of one dialect, which speaks to the server below the members. */
function hocuspocusRule(id: string, sentence: string, check: (peer: Peer, key: string) => Promise<void>): Rule {
  return {
    id,
    sentence,
    async check({ join: joinTarget }) {
      // Its connection is as good as any, and its document's name is new.
      const { peer, document } = await joinTarget('plan')
      await check(peer, document)
    },
  }
}

/** Hears exactly this message, as `describe` tells it; anything else of the same kind is an error. */
async function hears(peer: Peer, expected: string): Promise<void> {
  const kind = expected.split(' ').slice(0, 2).join(' ')
  const heard = await peer.hear(expected, (bytes) => (sayable(bytes).startsWith(kind) ? sayable(bytes) : null))
  strictEqual(heard, expected)
}

function sayable(bytes: Uint8Array): string {
  try {
    return describe(bytes)
  } catch {
    // A message of another kind, which the rule does not look at.
    return ''
  }
}

/**
 * All `SyncStatus 1` of a document heard before another document is open, which takes longer than a status that is
 * sent without waiting for anything.
 */
async function statusesSoFar(peer: Peer, key: string): Promise<number> {
  let statuses = 0
  peer.send(token(`${key}-fence`))
  peer.send(step1(`${key}-fence`))
  await peer.hear('answer for another document', (bytes) => {
    const said = sayable(bytes)
    if (said === `${key}: status 1`) statuses++
    return said.startsWith(`${key}-fence: step2`) ? true : null
  })
  return statuses
}

const hocuspocusRules: readonly Rule[] = [
  hocuspocusRule(
    'HP1',
    'an answer begins with exactly the key the client used, session id included',
    async (peer, key) => {
      peer.send(token(`${key}\0s1`, 'token', '4.8.0'))
      peer.send(step1(`${key}\0s1`))
      await hears(peer, `${key}+s1: step2 0 0`)
    },
  ),
  hocuspocusRule('HP2', 'a token is answered with the scope', async (peer, key) => {
    await hears(peer, `${key}: authenticated read-write`)
  }),
  hocuspocusRule('HP3', 'a client that is done with one document keeps the others', async (peer, key) => {
    for (const each of [key, `${key}2`]) {
      peer.send(token(each))
      peer.send(step1(each))
      await hears(peer, `${each}: step2 0 0`)
    }
    peer.send(message(key, 7))
    peer.send(step1(`${key}2`))
    await hears(peer, `${key}2: step2 0 0`)
  }),
  hocuspocusRule('HP5', 'each update and the step 2 get exactly one status', async (peer, key) => {
    peer.send(step1(key))
    peer.send(step2(key))
    for (const letter of typed('abc')) peer.send(update(key, letter))
    for (let statuses = 0; statuses < 4; statuses++) await hears(peer, `${key}: status 1`)
    strictEqual(await statusesSoFar(peer, key), 0)
  }),
  hocuspocusRule('HP6', 'no status is sent before the step 2 of a client that was offline', async (peer, key) => {
    peer.send(step1(key))
    const [first, second] = typed('ab') as [Uint8Array, Uint8Array]
    peer.send(update(key, first))
    strictEqual(await statusesSoFar(peer, key), 0, 'a status came before the step 2')
    peer.send(step2(key, second))
    for (let statuses = 0; statuses < 2; statuses++) await hears(peer, `${key}: status 1`)
  }),
  hocuspocusRule('HP6', 'a client that asks is asked back, each time', async (peer, key) => {
    for (let asked = 0; asked < 2; asked++) {
      peer.send(step1(key))
      const missing = new Set([`${key}: step2 0 0`, `${key}: step1 0`])
      await peer.hear([...missing].join(' and '), (bytes) => {
        missing.delete(sayable(bytes))
        return missing.size === 0 ? true : null
      })
    }
  }),
  hocuspocusRule('HP12', 'an update that cannot be read is not called saved', async (peer, key) => {
    peer.send(step1(key))
    peer.send(step2(key))
    await hears(peer, `${key}: status 1`)
    peer.send(update(key, new Uint8Array([255, 255, 255, 3, 17])))
    strictEqual(await statusesSoFar(peer, key), 0, 'it was called saved')
  }),
  hocuspocusRule('HP12', 'a broadcast from a client ends its document or its connection', async (peer, key) => {
    peer.send(message(key, 6, (encoder) => encoding.writeVarString(encoder, 'hi')))
    const closing = message(key, 7)
    const isClosing = (bytes: Uint8Array): true | null =>
      Buffer.compare(bytes.subarray(0, closing.length), closing) === 0 ? true : null
    await Promise.any([peer.closed(), peer.hear('CLOSE', isClosing)])
  }),
  hocuspocusRule('HP13', 'stateless messages are taken', async (peer, key) => {
    peer.send(message(key, 5, (encoder) => encoding.writeVarString(encoder, 'hi')))
    peer.send(step1(key))
    await hears(peer, `${key}: step2 0 0`)
  }),
]

const namesInPath: Rule = {
  id: 'WS1',
  sentence: 'names may hold slashes, blanks and any script, and each is a document of its own',
  async check(target) {
    const names = ['team/plan', 'team', 'a b', 'größe/日本語', 'a+b&c=d']
    const members: Member[] = []
    for (const name of names) members.push(await (await target.join(name)).settle())
    for (const [at, member] of members.entries()) {
      const letters = typed('x'.repeat(at + 1))
      for (const letter of letters) member.edit(letter)
      await member.hearUpdate(letters.at(-1) ?? new Uint8Array())
    }
    for (const [at, name] of names.entries()) {
      const late = await target.join(name)
      late.ask()
      const doc = new Y.Doc()
      Y.applyUpdate(doc, await late.hear('step2'))
      strictEqual(doc.getText('t').length, at + 1)
    }
  },
}

const asksFirst: Rule = {
  id: 'SY1',
  sentence: 'the server sends its step 1 before it is asked',
  async check({ join: joinTarget }) {
    const member = await joinTarget('plan')
    deepStrictEqual([...(await member.hear('step1'))], [0])
  },
}

const ySweetRules: readonly Rule[] = [
  {
    id: 'YS3',
    sentence: 'a sync status comes back unchanged, after the update before it',
    async check({ join: joinTarget }) {
      const member = await (await joinTarget('plan')).settle()
      const [letter] = typed('a') as [Uint8Array]
      member.edit(letter)
      member.peer.send(new Uint8Array([102, 1, 42]))
      const heard: string[] = []
      await member.peer.hear('sync status', (bytes) => {
        heard.push(bytes[0] === 102 ? bytes.join(' ') : bytes.subarray(0, 2).join(' '))
        return bytes[0] === 102 ? true : null
      })
      deepStrictEqual([heard.includes('0 2'), heard.at(-1)], [true, '102 1 42'])
    },
  },
  {
    id: 'YS3',
    sentence: 'on a new connection it comes back only after the client’s step 2',
    async check({ join: joinTarget }) {
      const member = await joinTarget('plan')
      member.peer.send(new Uint8Array([102, 1, 42]))
      member.ask()
      await member.peer.hear('step 2', (bytes) => {
        strictEqual(bytes[0] === 102, false, 'answered before the client’s step 2')
        return bytes[0] === 0 && bytes[1] === 1 ? true : null
      })
      member.answer()
      await member.peer.hear('sync status', (bytes) => (bytes[0] === 102 ? true : null))
    },
  },
]

export const suites: Readonly<Record<string, DialectSuite>> = {
  'y-websocket': { wrapping: inPath, rules: [namesInPath, asksFirst, ...sharedRules] },
  hocuspocus: { wrapping: inMessages, rules: [...sharedRules, ...hocuspocusRules] },
  'y-sweet': { wrapping: inPathTwice, rules: [asksFirst, ...sharedRules, ...ySweetRules] },
}

/** Checks one rule on documents of its own; resolves with what the server does otherwise, null when nothing. */
export async function checkRule(rule: Rule, url: string, wrapping: Wrapping): Promise<string | null> {
  const unique = Math.random().toString(36).slice(2)
  const members: Member[] = []
  const target: Target = {
    async join(document) {
      const member = await join(url, `${document}-${unique}`, wrapping)
      members.push(member)
      return member
    },
  }
  try {
    await rule.check(target)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    for (const { peer } of members) peer.vanish()
  }
}
