/** Updates that no client writes, since they cannot be: every one has to be refused. */
import * as Y from 'yjs'
import { BOMB, HUGE, join, OVERLONG, repeat, varBytes, varString, varUint } from '../bytes.ts'
import { firstLetter, type Scene, type UpdateCase } from '../case.ts'
import {
  ANY,
  any,
  binary,
  block,
  deleted,
  deletes,
  embed,
  format,
  gc,
  item,
  json,
  letters,
  promise,
  raw,
  skip,
  structs,
  subdocument,
  type,
  TYPES,
  update,
} from '../structs.ts'

const DEEP = 5_000
const deepJson = '['.repeat(DEEP) + ']'.repeat(DEEP)
const deepAny = join(...Array.from({ length: DEEP }, () => ANY.array(1)), ANY.true)
/** One byte longer than any name may be. */
const LONG_NAME = 'n'.repeat(257)

type Make = (me: number, scene: Scene) => Uint8Array

/** Name and update; `me` is the attacker's client id. */
const rows: readonly (readonly [name: string, make: Make])[] = [
  // No update at all.
  ['no bytes', () => new Uint8Array()],
  ['64 KB of noise', () => repeat(65_536, (at) => Uint8Array.of((at * 2_654_435_761) >>> 13))],
  ['64 KB of 0xff', () => new Uint8Array(65_536).fill(255)],
  ['an honest update cut in half', () => honest().subarray(0, honest().length >> 1)],
  ['an honest update without its last byte', () => honest().subarray(0, -1)],
  ['an honest update with bytes after its end', () => join(honest(), 0)],
  ['two honest updates in one', () => join(honest(), honest())],
  ['an update in the V2 format', () => Y.encodeStateAsUpdateV2(documentOfWords())],
  ['25 bytes of V2 that make 5,000,000 structs', () => v2Bomb(5_000_000)],

  // Counts and lengths that are not there.
  ['2^53 clients announced', () => promise()],
  ['2^28 clients announced', () => BOMB],
  ['2^53 structs announced', (me) => join(1, promise(), varUint(me), 0)],
  ['a client without structs', (me) => join(1, 0, varUint(me), 0, 0)],
  ['2^53 clients with deletes announced', () => join(0, promise())],
  ['2^53 deleted ranges announced', (me) => join(0, 1, varUint(me), promise())],
  ['text of 256 MB announced', (me) => structs(me, item(raw(4, BOMB)))],
  ['bytes of 256 MB announced', (me) => structs(me, item(raw(3, BOMB)))],
  ['bytes of 2^53 announced', (me) => structs(me, item(raw(3, promise())))],
  ['an embed of 256 MB announced', (me) => structs(me, item(raw(5, BOMB)))],
  ['a format key of 256 MB announced', (me) => structs(me, item(raw(6, BOMB)))],
  ['a root name of 256 MB announced', (me) => structs(me, join(4, 1, BOMB))],
  ['2^53 values announced', (me) => structs(me, item(raw(8, promise())))],
  ['2^53 legacy JSON values announced', (me) => structs(me, item(raw(2, promise())))],
  ['a list of 2^53 values announced', (me) => structs(me, item(any(ANY.array(HUGE))))],
  ['an object of 2^53 entries announced', (me) => structs(me, item(any(ANY.object(HUGE))))],
  ['a string value of 256 MB announced', (me) => structs(me, item(any(join(119, BOMB))))],
  ['bytes of 256 MB announced as a value', (me) => structs(me, item(any(join(116, BOMB))))],
  ['a number longer than numbers are', () => join(OVERLONG, 0)],
  ['a clock longer than numbers are', (me) => join(1, 1, varUint(me), OVERLONG, item(letters('x')), 0)],
  ['a number over 2^53', (me) => join(1, 1, varUint(me), new Uint8Array(7).fill(255), 127, 0)],

  // Nesting.
  ['an embed nested 5,000 deep', (me) => structs(me, item(embed(deepJson)))],
  ['a format nested 5,000 deep', (me) => structs(me, item(format('bold', deepJson)))],
  ['legacy JSON nested 5,000 deep', (me) => structs(me, item(json(deepJson), { parent: 'list' }))],
  ['a value nested 5,000 deep', (me) => structs(me, item(any(deepAny), { parent: 'list' }))],
  [
    'objects nested 5,000 deep',
    (me) => {
      const deep = join(...Array.from({ length: DEEP }, () => ANY.object(1, varString('k'))), ANY.true)
      return structs(me, item(any(deep), { parent: 'list' }))
    },
  ],
  [
    'options of a subdocument nested 5,000 deep',
    (me) => {
      return structs(me, item(subdocument('sub', ANY.object(1, varString('k'), deepAny)), { parent: 'list' }))
    },
  ],

  // Clocks.
  ['64 collected structs of 2^53', (me) => structs(me, ...Array.from({ length: 64 }, () => gc(HUGE)))],
  ['one collected struct of 2^53', (me) => structs(me, gc(HUGE))],
  ['a deleted struct of 2^53', (me) => structs(me, item(deleted(HUGE)))],
  ['a first clock of 2^53', (me) => update([block(me, HUGE, item(letters('x')))])],
  ['a first clock over 2^40', (me) => update([block(me, 2 ** 40 + 1, item(letters('x')))])],
  ['clocks that pass 2^40', (me) => structs(me, gc(2 ** 39), gc(2 ** 39), gc(2 ** 39))],
  ['deletes up to 2^53', (_me, { victim }) => update([], [deletes(victim.client, [[0, HUGE]])])],
  ['deletes from 2^53 on', (_me, { victim }) => update([], [deletes(victim.client, [[HUGE, HUGE]])])],
  ['a skipped range', (me) => structs(me, skip(10), item(letters('x')))],
  ['a skipped range of 2^53', (me) => structs(me, skip(HUGE))],

  // Structs of no length, which replays would pile up.
  ['a collected struct of no length', (me) => structs(me, gc(0))],
  ['1,000 collected structs of no length', (me) => structs(me, ...Array.from({ length: 1_000 }, () => gc(0)))],
  ['a deleted struct of no length', (me) => structs(me, item(deleted(0)))],
  ['text of no length', (me) => structs(me, item(letters('')))],
  ['no values', (me) => structs(me, item(any(), { parent: 'list' }))],
  ['no legacy JSON values', (me) => structs(me, item(json(), { parent: 'list' }))],
  ['a deleted range of no length', (_me, { victim }) => update([], [deletes(victim.client, [[0, 0]])])],

  // References.
  [
    'a struct to the left and right of the same one',
    (me, scene) => {
      return structs(me, item(letters('x'), { left: firstLetter(scene), right: firstLetter(scene) }))
    },
  ],
  ['a struct to the right of itself', (me) => structs(me, item(letters('x'), { left: [me, 0] }))],
  ['a struct to the left of itself', (me) => structs(me, item(letters('x'), { right: [me, 0] }))],
  ['a struct inside itself', (me) => structs(me, item(letters('x'), { parent: [me, 0] }))],
  [
    'a struct beside what its author writes next',
    (me) => structs(me, item(letters('x'), { left: [me, 1] }), item(letters('y'))),
  ],
  [
    'two authors who wait for each other',
    (me) =>
      update([
        block(me + 1, 0, item(letters('x'), { left: [me, 0] })),
        block(me, 0, item(letters('y'), { left: [me + 1, 0] })),
      ]),
  ],
  [
    'three authors who wait in a circle',
    (me) =>
      update([
        block(me + 2, 0, item(letters('x'), { left: [me, 0] })),
        block(me + 1, 0, item(letters('x'), { left: [me + 2, 0] })),
        block(me, 0, item(letters('y'), { parent: [me + 1, 0] })),
      ]),
  ],
  ['one author twice', (me) => update([block(me, 0, item(letters('x'))), block(me, 1, item(letters('y')))])],
  [
    'deletes of one author twice',
    (_me, { victim }) => {
      return update([], [deletes(victim.client, [[0, 1]]), deletes(victim.client, [[1, 1]])])
    },
  ],
  [
    'deleted ranges that overlap',
    (_me, { victim }) =>
      update(
        [],
        [
          deletes(victim.client, [
            [0, 2],
            [1, 1],
          ]),
        ],
      ),
  ],
  [
    'deleted ranges in no order',
    (_me, { victim }) =>
      update(
        [],
        [
          deletes(victim.client, [
            [1, 1],
            [0, 1],
          ]),
        ],
      ),
  ],

  // Kinds.
  ['a struct of unknown kind 11', (me) => structs(me, item(raw(11, 1)))],
  ['a struct of unknown kind 31', (me) => structs(me, item(raw(31, 1)))],
  ['a collected struct with references', (me) => structs(me, join(0x80, varUint(me), 0, 1))],
  ['a parent of unknown kind', (me) => structs(me, join(4, 2, varString('content'), varString('x')))],
  ['a shared type of unknown kind', (me) => structs(me, item(type(7)))],
  ['a value of unknown kind', (me) => structs(me, item(any(join(64)), { parent: 'list' }))],
  [
    'a subdocument whose options are no object',
    (me) => structs(me, item(subdocument('sub', ANY.true), { parent: 'list' })),
  ],

  // Names and text.
  ['a root name of 257 bytes', (me) => structs(me, item(letters('x'), { parent: LONG_NAME }))],
  ['a map key of 257 bytes', (me) => structs(me, item(any(ANY.true), { parent: 'map', key: LONG_NAME }))],
  ['a format key of 257 bytes', (me) => structs(me, item(format(LONG_NAME, 'true')))],
  ['an element name of 257 bytes', (me) => structs(me, item(type(TYPES.element, LONG_NAME), { parent: 'xml' }))],
  [
    'a subdocument name of 257 bytes',
    (me) => structs(me, item(subdocument(LONG_NAME, ANY.object(0)), { parent: 'list' })),
  ],
  ['text with an overlong slash', (me) => structs(me, item(raw(4, varBytes(Uint8Array.of(0xc0, 0xaf)))))],
  ['text with half a surrogate pair', (me) => structs(me, item(raw(4, varBytes(Uint8Array.of(0xed, 0xa0, 0x80)))))],
  ['text that ends inside a letter', (me) => structs(me, item(raw(4, varBytes(Uint8Array.of(0xf0, 0x9f, 0x98)))))],
  ['text that begins inside a letter', (me) => structs(me, item(raw(4, varBytes(Uint8Array.of(0x98, 0x80)))))],
  ['text beyond Unicode', (me) => structs(me, item(raw(4, varBytes(Uint8Array.of(0xf4, 0x90, 0x80, 0x80)))))],
  ['a root name that is not UTF-8', (me) => structs(me, join(4, 1, varBytes(Uint8Array.of(0xff)), varString('x')))],
  [
    'a map key that is not UTF-8',
    (me) => structs(me, join(0x24, 1, varString('map'), varBytes(Uint8Array.of(0xc3)), varString('x'))),
  ],
  ['an embed that is no JSON', (me) => structs(me, item(embed('{"a":')))],
  ['an embed that is not UTF-8', (me) => structs(me, item(raw(5, varBytes(Uint8Array.of(0x22, 0xff, 0x22)))))],
  ['a format that is no JSON', (me) => structs(me, item(format('bold', 'yes')))],
  ['legacy JSON that is none', (me) => structs(me, item(json('undefinedd'), { parent: 'list' }))],
  [
    'bytes after an honest struct',
    (me) => join(1, 1, varUint(me), 0, item(binary(Uint8Array.of(1)), { parent: 'list' }), 255),
  ],
]

export const impossibleUpdates: readonly UpdateCase[] = rows.map(([name, make]) => ({
  kind: 'update',
  name,
  outcome: 'refused',
  updates: (scene) => [make(scene.attacker, scene)],
}))

function documentOfWords(): Y.Doc {
  const document = new Y.Doc()
  document.clientID = 7
  document.getText('content').insert(0, 'many honest words')
  document.getText('content').delete(3, 4)
  return document
}

function honest(): Uint8Array {
  return Y.encodeStateAsUpdate(documentOfWords())
}

const column = (...bytes: readonly Uint8Array[]): Uint8Array => varBytes(join(...bytes))

/** Run-length encoding makes `count` equal structs of a few bytes. */
function v2Bomb(count: number): Uint8Array {
  return join(
    0,
    column(),
    column(varUint(2), varUint(0)),
    column(),
    column(),
    column(Uint8Array.of(0), varUint(count - 1)),
    column(),
    column(),
    column(),
    column(varUint(1)),
    1,
    varUint(count),
    0,
  )
}
