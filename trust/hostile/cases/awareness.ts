/** Presence: what somebody may say of themselves, and nothing of others. Whatever is not shown is ignored. */
import { HUGE } from '../bytes.ts'
import type { Outcome, Scene, SocketCase } from '../case.ts'
import { awareness } from '../wires.ts'

type Entry = readonly [client: number, clock: number, json: string]

const rows: readonly (readonly [
  name: string,
  outcome: Outcome | readonly Outcome[],
  /** One array of entries a message. */
  says: (scene: Scene) => readonly (readonly Entry[])[],
])[] = [
  ['somebody else is gone', 'open', ({ victim }) => [[[victim.client, 1_000, 'null']]]],
  ['somebody else is somebody else', 'open', ({ victim }) => [[[victim.client, 1_000, '{"user":{"name":"Mallory"}}']]]],
  ['somebody else has the last clock there is', 'open', ({ victim }) => [[[victim.client, HUGE, '{}']]]],
  ['oneself has the last clock there is', 'open', ({ attacker }) => [[[attacker, HUGE, '{}']]]],
  [
    '100 people at once',
    'open',
    ({ attacker }) => {
      return [Array.from({ length: 100 }, (_, at) => [attacker + at, 1, '{"user":{"name":"crowd"}}'] as const)]
    },
  ],
  [
    '10,000 people, one after the other',
    'open',
    ({ attacker }) => {
      return Array.from({ length: 10_000 }, (_, at) => [[attacker + at, 1, '{}'] as const])
    },
  ],
  [
    '50,000 people who come and go',
    'open',
    ({ attacker }) => [
      Array.from(
        { length: 50_000 },
        (_, at) => [attacker + (at >> 1), 1 + (at & 1), at % 2 === 0 ? '{}' : 'null'] as const,
      ),
    ],
  ],
  ['no JSON', 'open', ({ attacker }) => [[[attacker, 1, '{"user":']]]],
  [
    'no object',
    'open',
    ({ attacker }) => ['1', '"text"', '[]', 'true'].map((json, at) => [[attacker, at + 1, json] as const]),
  ],
  [
    'JSON nested 5,000 deep',
    'open',
    ({ attacker }) => [[[attacker, 1, `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`]]],
  ],
  ['JSON nested 100,000 deep', 'open', ({ attacker }) => [[[attacker, 1, '['.repeat(100_000)]]]],
  ['a state of 1 MB', 'open', ({ attacker }) => [[[attacker, 1, JSON.stringify({ a: 'x'.repeat(1_000_000) })]]]],
  [
    'a state with the key __proto__',
    'open',
    ({ attacker }) => [[[attacker, 1, '{"__proto__":{"isAdmin":true},"user":{}}']]],
  ],
  ['a user who is a number', 'open', ({ attacker }) => [[[attacker, 1, '{"user":1}']]]],
  [
    'a cursor that is none',
    'open',
    ({ attacker }) => [[[attacker, 1, '{"cursor":{"anchor":{"type":{"client":-1}},"head":[]}}']]],
  ],
  [
    '5,000 changes',
    ['open', 'closed 4429'],
    ({ attacker }) => Array.from({ length: 5_000 }, (_, at) => [[attacker, at + 1, `{"at":${at}}`] as const]),
  ],
  [
    'one clock with 100 states',
    'open',
    ({ attacker }) => Array.from({ length: 100 }, (_, at) => [[attacker, 7, `{"at":${at}}`] as const]),
  ],
]

export const awarenessCases: readonly SocketCase[] = rows.map(([name, outcome, says]) => ({
  kind: 'socket',
  name: `presence: ${name}`,
  wires: ['y-websocket', 'hocuspocus', 'y-sweet'],
  outcome,
  attack: (socket, scene) => {
    socket.send(...says(scene).map((entries) => awareness(scene.wire, scene.document, entries)))
  },
}))
