/** The rules of docs/protocol.md that can be seen from outside, whatever the dialect. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { presenceIn } from '../support/messages.ts'
import type { Member } from './member.ts'

/** A server under test. */
export interface Target {
  /** Connects a client to a document; the same word is the same document within one rule, and a new one in the next. */
  join(document: string): Promise<Member>
}

export interface Rule {
  /** Its number in docs/protocol.md. */
  readonly id: string
  readonly sentence: string
  /** Rejects when the server does otherwise. */
  check(target: Target): Promise<void>
}

/** The updates of a new document into which `text` is typed letter by letter. */
export function typed(text: string): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (bytes: Uint8Array) => void updates.push(bytes))
  for (const letter of text) doc.getText('t').insert(doc.getText('t').length, letter)
  return updates
}

function textOf(...updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc()
  for (const bytes of updates) Y.applyUpdate(doc, bytes)
  return doc.getText('t').toJSON()
}

/** Hears awareness until `wanted` of a client's state holds. */
async function hearPresence(member: Member, client: number, wanted: unknown): Promise<void> {
  for (;;) {
    const states = presenceIn(await member.hear('awareness'))
    if (states.has(client) && JSON.stringify(states.get(client)) === JSON.stringify(wanted)) return
  }
}

/** Bytes that are no update, although the message around them is well formed. */
const GARBAGE = new Uint8Array([255, 255, 255, 3, 17])

export const sharedRules: readonly Rule[] = [
  {
    id: 'SY1',
    sentence: 'the server asks for what the client has, and passes it on',
    async check({ join }) {
      const [first, second] = [await join('plan'), await join('plan')]
      await second.settle()
      first.ask()
      await first.hear('step1')
      const [letter] = typed('a') as [Uint8Array]
      first.answer(letter)
      strictEqual(textOf(await second.hear('update')), 'a')
    },
  },
  {
    id: 'SY2',
    sentence: 'every step 1 is answered with a step 2, an empty one when nothing is lacking',
    async check({ join }) {
      const member = await join('plan')
      for (let asked = 0; asked < 3; asked++) {
        member.ask()
        deepStrictEqual([...(await member.hear('step2'))], [0, 0])
      }
    },
  },
  {
    id: 'SY3',
    sentence: 'step 2 holds what the client lacks and nothing it has',
    async check({ join }) {
      const writer = await (await join('plan')).settle()
      const reader = await join('plan')
      await reader.settle()
      const [first, second] = typed('ab') as [Uint8Array, Uint8Array]
      for (const letter of [first, second]) {
        writer.edit(letter)
        await reader.hearUpdate(letter)
      }
      const doc = new Y.Doc()
      Y.applyUpdate(doc, first)
      reader.ask(Y.encodeStateVector(doc))
      const answer = Y.decodeUpdate(await reader.hear('step2'))
      deepStrictEqual(
        answer.structs.map(({ id }) => id.clock),
        [1],
      )
    },
  },
  {
    id: 'SV2',
    sentence: 'every member gets each update, its author included',
    async check({ join }) {
      const [author, reader] = [await join('plan'), await join('plan')]
      await author.settle()
      await reader.settle()
      for (const letter of typed('abc')) {
        author.edit(letter)
        await reader.hearUpdate(letter)
        await author.hearUpdate(letter)
      }
    },
  },
  {
    id: 'SV4',
    sentence: 'an update that builds on something missing makes the server ask for the rest',
    async check({ join }) {
      const member = await (await join('plan')).settle()
      member.ask()
      await member.hear('step2')
      const [first, second] = typed('ab') as [Uint8Array, Uint8Array]
      member.edit(second)
      await member.hear('step1')
      member.answer(first)
      const late = await join('plan')
      for (;;) {
        late.ask()
        if (textOf(await late.hear('step2')) === 'ab') return
      }
    },
  },
  {
    id: 'KS2',
    sentence: 'what one client does wrong is shown to nobody and ends nobody else',
    async check({ join }) {
      const [villain, bystander, third] = [await join('plan'), await join('plan'), await join('plan')]
      for (const member of [villain, bystander, third]) await member.settle()
      villain.edit(GARBAGE)
      const [letter] = typed('a') as [Uint8Array]
      third.edit(letter)
      deepStrictEqual([...(await bystander.hear('update'))], [...letter])
      bystander.ask()
      strictEqual(textOf(await bystander.hear('step2')), 'a')
    },
  },
  {
    id: 'WS3',
    sentence: 'a text message ends its sender and nobody else',
    async check({ join }) {
      const [villain, bystander] = [await join('plan'), await join('plan')]
      await villain.settle()
      villain.peer.send('hello')
      await villain.peer.closed()
      bystander.ask()
      await bystander.hear('step2')
    },
  },
  {
    id: 'PR1',
    sentence: 'presence goes to everybody, its author included',
    async check({ join }) {
      const [ann, ben] = [await (await join('plan')).settle(), await (await join('plan')).settle()]
      ann.introduce(11, 1, { name: 'Ann' })
      await hearPresence(ben, 11, { name: 'Ann' })
      await hearPresence(ann, 11, { name: 'Ann' })
    },
  },
  {
    id: 'PR2',
    sentence: 'who joins is told who is here',
    async check({ join }) {
      const ann = await (await join('plan')).settle()
      ann.introduce(11, 1, { name: 'Ann' })
      await hearPresence(ann, 11, { name: 'Ann' })
      const ben = await join('plan')
      ben.ask()
      await hearPresence(ben, 11, { name: 'Ann' })
    },
  },
  {
    id: 'PR2',
    sentence: 'who asks is told who is here',
    async check({ join }) {
      const ann = await (await join('plan')).settle()
      ann.introduce(11, 1, { name: 'Ann' })
      await hearPresence(ann, 11, { name: 'Ann' })
      ann.say(new Uint8Array([3]))
      await hearPresence(ann, 11, { name: 'Ann' })
    },
  },
  {
    id: 'PR3',
    sentence: 'who vanishes is gone for everybody',
    async check({ join }) {
      const [ann, ben] = [await (await join('plan')).settle(), await (await join('plan')).settle()]
      ann.introduce(11, 1, { name: 'Ann' })
      await hearPresence(ben, 11, { name: 'Ann' })
      ann.peer.vanish()
      await hearPresence(ben, 11, null)
    },
  },
  {
    id: 'PR4',
    sentence: 'a client that repeats the presence of another does not take it away when it leaves',
    async check({ join }) {
      const [ann, ben, cat] = [await join('plan'), await join('plan'), await join('plan')]
      for (const member of [ann, ben, cat]) await member.settle()
      ann.introduce(11, 1, { name: 'Ann' })
      await hearPresence(cat, 11, { name: 'Ann' })
      ben.introduce(12, 1, { name: 'Ben' })
      // As stock clients do with what they have just received.
      ben.introduce(11, 1, { name: 'Ann' })
      await hearPresence(cat, 12, { name: 'Ben' })
      ben.peer.vanish()
      await hearPresence(cat, 12, null)
      const late = await join('plan')
      await hearPresence(late, 11, { name: 'Ann' })
    },
  },
  {
    id: 'PR7',
    sentence: 'presence that is no JSON is shown to nobody',
    async check({ join }) {
      const [ann, ben] = [await (await join('plan')).settle(), await (await join('plan')).settle()]
      ann.say(noJson(11))
      ben.introduce(12, 1, { name: 'Ben' })
      for (;;) {
        // Throws on what is no JSON, as stock clients do.
        const states = presenceIn(await ben.hear('awareness'))
        ok(!states.has(11), 'the state that is no JSON was passed on')
        if (states.has(12)) return
      }
    },
  },
]

function noJson(client: number): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint8Array(
      encoder,
      encoding.encode((body) => {
        for (const number of [1, client, 1]) encoding.writeVarUint(body, number)
        encoding.writeVarString(body, '{')
      }),
    )
  })
}
