import { createEncoder, toUint8Array, writeUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { SyncError } from '../../shared/errors.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'

type Part = number | string | Uint8Array | readonly Part[]

/** Numbers as varUints, strings as varStrings, bytes as they are. */
function bytes(...parts: readonly Part[]): Uint8Array {
  const encoder = createEncoder()
  const write = (part: Part) => {
    if (typeof part === 'number') writeVarUint(encoder, part)
    else if (typeof part === 'string') writeVarString(encoder, part)
    else if (part instanceof Uint8Array) writeUint8Array(encoder, part)
    else part.forEach(write)
  }
  parts.forEach(write)
  return toUint8Array(encoder)
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** The first byte of a struct. */
const info = (bits: number) => Uint8Array.of(bits)
const ORIGIN = 0x80
const RIGHT_ORIGIN = 0x40
const PARENT_KEY = 0x20
const noDeletes = 0
/** Content kinds, each the first byte of a struct without neighbours in the root `r`. */
const inRoot = (kind: number, ...content: readonly Part[]): Part => [kind, 1, 'r', ...content]
const gc = (length: number): Part => [0, length]
const block = (client: number, clock: number, ...structs: readonly Part[]): Part => [
  structs.length,
  client,
  clock,
  ...structs,
]
const update = (blocks: readonly Part[], deletes: Part = noDeletes): Uint8Array => bytes(blocks.length, blocks, deletes)
const single = (...structs: readonly Part[]): Uint8Array => update([block(1, 0, ...structs)])

function shapeOf(walked: Uint8Array) {
  const shape = new UpdateShape()
  walkUpdate(walked, shape)
  return {
    blocks: shape.blocks.slice(0, shape.blockCount * 3),
    needs: shape.needs.slice(0, shape.needCount * 2),
    deletes: shape.deletes.slice(0, shape.deleteCount * 3),
    structs: shape.structs,
  }
}

describe('[UP8] what an update is made of', () => {
  test('text counts in UTF-16 units', () => {
    expect(shapeOf(single(inRoot(4, 'aé日😀'))).blocks).toEqual([1, 0, 5])
  })

  test('an own predecessor is no need, a neighbour or parent of another client is', () => {
    const walked = update([
      block(
        7,
        3,
        [info(ORIGIN | 4), 7, 2, 'ab'],
        [info(ORIGIN | RIGHT_ORIGIN | 4), 7, 4, 9, 5, 'c'],
        [4, 0, 8, 11, 'in a nested type'],
      ),
    ])
    expect(shapeOf(walked)).toMatchObject({ blocks: [7, 3, 22], needs: [9, 5, 8, 11], structs: 3 })
  })

  test('deletes are ranges of clocks', () => {
    expect(shapeOf(update([], [2, 9, 2, 0, 3, 5, 1, 4, 1, 7, 2])).deletes).toEqual([9, 0, 3, 9, 5, 1, 4, 7, 2])
  })

  test('a shape can be used again for a smaller update', () => {
    const shape = new UpdateShape()
    walkUpdate(update([block(9, 0, gc(1)), block(2, 0, gc(4))], [1, 9, 1, 0, 1]), shape)
    walkUpdate(single(gc(3)), shape)
    expect([shape.blockCount, shape.deleteCount, shape.structs, shape.endOf(1), shape.endOf(9)]).toEqual([
      1, 0, 1, 3, 0,
    ])
  })

  test('blocks are found whatever their order', () => {
    const shape = new UpdateShape()
    walkUpdate(update([block(2, 0, gc(2)), block(9, 0, gc(9)), block(5, 0, gc(5))]), shape)
    expect([2, 9, 5, 4].map((client) => shape.endOf(client))).toEqual([2, 9, 5, 0])
  })

  test('every kind of content is taken', () => {
    const document = new Y.Doc()
    const updates: Uint8Array[] = []
    document.on('update', (taken: Uint8Array) => updates.push(taken))
    document.getArray('a').push([1, -1, 2 ** 40, 1.5, 0.1, true, false, null, 's', [], {}, { a: [10n, undefined] }])
    document.getArray('a').push([new Uint8Array(3), new Y.Doc(), new Y.Map(), new Y.Array(), new Y.Text('t')])
    document.getXmlFragment('x').insert(0, [new Y.XmlElement('p'), new Y.XmlText('t')])
    document.getMap<unknown>('m').set('hook', new Y.XmlHook('h'))
    document.getText('t').insertEmbed(0, { image: 'a' }, { bold: true })
    document.getText('').insert(0, 'root without a name')
    document.getArray('a').delete(0, 3)
    for (const taken of [...updates, Y.encodeStateAsUpdate(document)])
      expect(shapeOf(taken).structs).toBeGreaterThanOrEqual(0)
    expect(shapeOf(single(inRoot(2, 2, 'undefined', '{"a":1}'))).blocks).toEqual([1, 0, 2])
  })
})

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const nestedAny = (depth: number) => hex('7501'.repeat(depth - 1) + '7500')
const options = { object: hex('76 00'), null: hex('7e') }

describe('[UP9] what is refused as malformed', () => {
  const refused: readonly [what: string, problem: string, update: Uint8Array][] = [
    ['nothing', 'ends early', bytes()],
    ['bytes left over', 'bytes after its end', bytes(update([]), 0)],
    ['a block of no structs', 'a client without structs', update([block(1, 0)])],
    ['a client twice', 'names client 1 twice', update([block(1, 0, gc(1)), block(1, 1, gc(1))])],
    ['a struct of no length', 'no length', single(gc(0))],
    ['deleted content of no length', 'no length', single(inRoot(1, 0))],
    ['empty text', 'no length', single(inRoot(4, ''))],
    ['an empty list of values', 'no length', single(inRoot(8, 0))],
    ['an empty list of JSON values', 'no length', single(inRoot(2, 0))],
    ['a skipped range', 'skips clocks', single([10, 5])],
    ['an unknown kind', 'unknown kind 11', single(inRoot(11, 1))],
    ['a collected struct with a neighbour', 'a collected struct with references', single([info(ORIGIN), 2, 0, 1])],
    ['an unknown shared type', 'shared type of unknown kind 7', single(inRoot(7, 7))],
    ['a parent of unknown kind', 'a parent of unknown kind', single([4, 2, 'r', 'text'])],
    ['a first clock over 2^40', 'the limit is 1099511627776', update([block(1, 2 ** 40 + 1, gc(1))])],
    ['a length over 2^40', 'the limit is 1099511627776', single(gc(2 ** 41))],
    ['lengths that add up to more than 2^40', 'the limit is 1099511627776', single(gc(2 ** 40), gc(1))],
    ['a number over 2^53', 'a number over 2^53', single(hex('00 ff ff ff ff ff ff ff 7f'))],
    ['a number without an end', 'an overlong number', single(hex('00 80 80 80 80 80 80 80 80 00'))],
    ['more structs than bytes', 'ends early', bytes(1, 1000, 1, 0, gc(1), noDeletes)],
    ['a length past the end', 'ends early', single(hex('04 01 01 72 7f 61'))],
    ['text that is not UTF-8', 'not UTF-8', single(inRoot(4, hex('02 c3 28')))],
    ['text cut inside a character', 'not UTF-8', single(inRoot(4, hex('02 e6 97')))],
    ['half a surrogate pair', 'not UTF-8', single(inRoot(4, hex('03 ed a0 80')))],
    ['an overlong form', 'not UTF-8', single(inRoot(4, hex('02 c0 80')))],
    ['a code point over 10FFFF', 'not UTF-8', single(inRoot(4, hex('04 f4 90 80 80')))],
    ['a neighbour that is the struct itself', 'refers to itself or later', single([info(ORIGIN | 4), 1, 0, 'a'])],
    [
      'a right neighbour that comes later',
      'refers to itself or later',
      single([info(RIGHT_ORIGIN | 4), 1, 1, 'a'], gc(1)),
    ],
    ['a parent that is the struct itself', 'refers to itself or later', single([4, 0, 1, 0, 'a'])],
    [
      'one struct on both sides',
      'left and right of the same one',
      single(gc(1), [info(ORIGIN | RIGHT_ORIGIN | 4), 1, 0, 1, 0, 'a']),
    ],
    [
      'blocks that wait for each other',
      'wait for each other',
      update([block(2, 0, [info(ORIGIN | 4), 1, 0, 'a']), block(1, 0, [info(ORIGIN | 4), 2, 0, 'b'])]),
    ],
    ['a root name over 256 bytes', 'the limit is 256', single([4, 1, 'r'.repeat(257), 'text'])],
    ['a map key over 256 bytes', 'the limit is 256', single([info(PARENT_KEY | 4), 1, 'r', 'k'.repeat(257), 'text'])],
    ['a format key over 256 bytes', 'the limit is 256', single(inRoot(6, 'k'.repeat(257), 'true'))],
    ['an element name over 256 bytes', 'the limit is 256', single(inRoot(7, 3, 'p'.repeat(257)))],
    ['invalid JSON', 'invalid JSON', single(inRoot(5, '{'))],
    ['no JSON', 'invalid JSON', single(inRoot(6, 'bold', ''))],
    ['JSON deeper than 64', 'deeper than 64', single(inRoot(5, nested(65)))],
    ['values deeper than 64', 'deeper than 64', single(inRoot(8, 1, nestedAny(66)))],
    ['a value of unknown kind', 'a value of unknown kind', single(inRoot(8, 1, hex('73')))],
    ['a subdocument without options', 'lacks an object', single(inRoot(9, 'guid', options.null))],
    ['overlapping deletes', 'overlapping ranges', update([], [1, 1, 2, 0, 3, 2, 1])],
    ['a delete of no length', 'a range of no length', update([], [1, 1, 1, 0, 0])],
    ['a delete over 2^40', 'deletes up to clock', update([], [1, 1, 1, 2 ** 40, 1])],
    ['deletes of a client twice', 'names client 1 twice', update([], [2, 1, 1, 0, 1, 1, 1, 1, 1])],
    ['an update of format 2', 'The update', Y.encodeStateAsUpdateV2(textDocument())],
  ]
  test.each(refused)('%s', (_what, problem, malformed) => {
    expect(() => shapeOf(malformed)).toThrow(problem)
    expect(() => shapeOf(malformed)).toThrow(expect.objectContaining({ code: 'malformed-update' }))
  })

  const taken: Record<string, Uint8Array> = {
    'clocks up to 2^40': single(gc(2 ** 40)),
    'names of 256 bytes': single([info(PARENT_KEY | 4), 1, 'r'.repeat(256), 'k'.repeat(256), 'text']),
    'JSON 64 deep, brackets in strings not counted': single(
      inRoot(5, nested(64)),
      inRoot(5, JSON.stringify('[\\"['.repeat(40))),
    ),
    'values 64 deep': single(inRoot(8, 1, nestedAny(65))),
    'a subdocument': single(inRoot(9, 'guid', options.object)),
    'deletes that touch, and clients without any': update([], [2, 1, 2, 0, 3, 3, 1, 7, 0]),
    'blocks that build on each other in turns': update([
      block(2, 0, [info(ORIGIN | 4), 1, 0, 'c'], [info(ORIGIN | 4), 1, 1, 'd']),
      block(1, 0, inRoot(4, 'a'), [info(ORIGIN | 4), 2, 0, 'b']),
    ]),
  }
  test.each(Object.entries(taken))('but not %s', (_what, wellFormed) => {
    expect(shapeOf(wellFormed).structs).toBeGreaterThanOrEqual(0)
    Y.decodeUpdate(wellFormed)
  })
})

test('[UP10] every cut of an update is refused', () => {
  const whole = Y.encodeStateAsUpdate(textDocument())
  for (let length = 0; length < whole.length; length++)
    expect(() => shapeOf(whole.subarray(0, length))).toThrow(SyncError)
})

function textDocument(): Y.Doc {
  const document = new Y.Doc()
  document.getText('body').insert(0, 'Some text, ')
  document.getText('body').insert(4, 'more', { bold: true })
  document.getText('body').delete(2, 4)
  return document
}
