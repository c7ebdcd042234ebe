/** Updates that can be, and that hurt who does not look: what they cost has to stay with the attacker. */
import { join, repeat, varUint } from '../bytes.ts'
import type { Scene, UpdateCase } from '../case.ts'
import {
  ANY,
  any,
  block,
  deleted,
  deletes,
  embed,
  format,
  gc,
  item,
  letters,
  structs,
  subdocument,
  type,
  TYPES,
  update,
} from '../structs.ts'

type Rows = readonly (readonly [
  name: string,
  outcome: UpdateCase['outcome'],
  updates: (me: number, scene: Scene) => readonly Uint8Array[],
])[]

const rows: Rows = [
  // What is not there yet: waited for within a bound, and never acknowledged.
  [
    'deletes of what the victim types next',
    'held',
    (_me, { victim }) => {
      return [update([], [deletes(victim.client, [[victim.clock, 1_000]])])]
    },
  ],
  [
    '200,000 deletes of what is not there',
    'held',
    (me) => {
      return [
        update(
          [],
          [
            deletes(
              me,
              Array.from({ length: 200_000 }, (_, at) => [2 * at + 5, 1] as const),
            ),
          ],
        ),
      ]
    },
  ],
  [
    'deletes by 10,000 authors nobody knows',
    'held',
    (me) => {
      return [
        join(
          0,
          varUint(10_000),
          repeat(10_000, (at) => deletes(me + 1 + at, [[0, 1]])),
        ),
      ]
    },
  ],
  ['an edit of its author’s future', 'held', (me) => [update([block(me, 1_000, item(letters('x')))])]],
  ['an edit beside one nobody has', 'held', (me) => [structs(me, item(letters('x'), { left: [me + 1, 5] }))]],
  ['an edit inside what nobody has', 'held', (me) => [structs(me, item(letters('x'), { parent: [me + 1, 5] }))]],
  [
    '1,000 edits that wait',
    'held',
    (me) => {
      return Array.from({ length: 1_000 }, (_, at) => update([block(me, 5 + 2 * at, item(letters('x')))]))
    },
  ],
  [
    'more edits that wait than are kept',
    'closed 1013',
    (me) => {
      return Array.from({ length: 10 }, (_, at) =>
        update([block(me, 5 + 2 * at, item(letters('x'.repeat(1_000_000))))]),
      )
    },
  ],

  // What is possible and odd.
  ['an update of nothing', 'taken', () => [update([])]],
  ['1,000 updates of nothing', 'taken', () => Array.from({ length: 1_000 }, () => update([]))],
  [
    'the same edit 1,000 times',
    'taken',
    (me) => Array.from({ length: 1_000 }, () => structs(me, item(letters('again')))),
  ],
  [
    'a map with the keys of every object',
    'taken',
    (me) => [
      structs(
        me,
        ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''].map((key) => {
          return item(any(ANY.true), { parent: 'map', key })
        }),
      ),
    ],
  ],
  [
    'root types named like members of objects',
    'taken',
    (me) => [
      structs(me, ...['__proto__', 'constructor', 'toString', ''].map((parent) => item(letters('x'), { parent }))),
    ],
  ],
  [
    'an object with the key __proto__',
    'taken',
    (me) => [
      structs(
        me,
        item(any(ANY.object(1, join(9, Buffer.from('__proto__')), ANY.object(1, join(1, 120), ANY.true))), {
          parent: 'list',
        }),
      ),
    ],
  ],
  [
    'attributes of a text',
    'taken',
    (me) => [structs(me, item(any(ANY.true), { parent: 'content', key: 'attribute' }))],
  ],
  [
    'an element named like a script',
    'taken',
    (me) => [structs(me, item(type(TYPES.element, 'script'), { parent: 'xml' }))],
  ],
  ['a hook', 'taken', (me) => [structs(me, item(type(TYPES.hook, 'hook'), { parent: 'xml' }))]],
  [
    'a subdocument',
    'taken',
    (me) => [structs(me, item(subdocument('../../etc/passwd', ANY.object(0)), { parent: 'list' }))],
  ],
  ['a text format that is never ended', 'taken', (me) => [structs(me, item(format('bold', 'true')))]],
  [
    '1,000 formats in one place',
    'taken',
    (me) => {
      return [
        structs(
          me,
          ...Array.from({ length: 1_000 }, (_, at) =>
            item(format('bold', String(at)), at === 0 ? undefined : { left: [me, at - 1] }),
          ),
        ),
      ]
    },
  ],
  [
    'a value nested as deep as values may be',
    'taken',
    (me) => [
      structs(me, item(any(join(...Array.from({ length: 60 }, () => ANY.array(1)), ANY.true)), { parent: 'list' })),
    ],
  ],
  [
    'an embed nested as deep as JSON may be',
    'taken',
    (me) => [structs(me, item(embed('['.repeat(60) + ']'.repeat(60))))],
  ],
  ['collected structs of 2^39', 'taken', (me) => [structs(me, gc(2 ** 39))]],
  ['a deleted struct of 2^39', 'taken', (me) => [structs(me, item(deleted(2 ** 39)))]],
  ['1 MB of text', 'taken', (me) => [structs(me, item(letters('lorem ipsum '.repeat(87_000)), { parent: 'other' }))]],
  [
    'the first letter of somebody else deleted',
    'taken',
    (me, { victim }) => [update([block(me, 0, item(letters('x')))], [deletes(victim.client, [[0, 1]])])],
  ],
  [
    '10,000 maps inside each other, and the first one deleted',
    ['taken', 'refused'],
    (me) => {
      const maps = Array.from({ length: 10_000 }, (_, at) => {
        return item(type(TYPES.map), at === 0 ? { parent: 'map', key: 'k' } : { parent: [me, at - 1], key: 'k' })
      })
      return [update([block(me, 0, ...maps)], [deletes(me, [[0, 1]])])]
    },
  ],
  [
    '50,000 authors',
    ['taken', 'refused'],
    (me) => {
      return [
        join(
          varUint(50_000),
          repeat(50_000, (at) => block(me + 60_000 - at, 0, item(letters('x')))),
          0,
        ),
      ]
    },
  ],
  [
    '20,000 letters with different right neighbours',
    ['taken', 'refused'],
    (me) => {
      // All have the same left neighbour, so each is compared with all that came before it.
      const base = item(letters('.'.repeat(20_000)), { parent: 'other' })
      const inserts = Array.from({ length: 20_000 }, (_, at) =>
        item(letters('x'), { left: [me, 0], right: [me, 1 + at] }),
      )
      return [structs(me, base, ...inserts.slice(0, -1))]
    },
  ],
]

export const costlyUpdates: readonly UpdateCase[] = rows.map(([name, outcome, make]) => ({
  kind: 'update',
  name,
  outcome,
  updates: (scene) => make(scene.attacker, scene),
}))
