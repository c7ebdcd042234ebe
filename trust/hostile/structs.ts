/** Yjs V1 updates written struct by struct, honest or not. */
import { HUGE, join, type Part, repeat, varBytes, varString, varUint } from './bytes.ts'

/** A client and a clock. */
export type Id = readonly [client: number, clock: number]

export interface Place {
  readonly left?: Id
  readonly right?: Id
  /** Of a struct without neighbours: the name of a root type, or the struct that is the parent. */
  readonly parent?: string | Id
  readonly key?: string
}

/** What follows a struct's references: its kind, and its content. */
export interface Content {
  readonly kind: number
  readonly bytes: Uint8Array
}

const LEFT = 0x80
const RIGHT = 0x40
const KEY = 0x20

export const gc = (length: number): Uint8Array => join(0, varUint(length))
export const skip = (length: number): Uint8Array => join(10, varUint(length))

export const deleted = (length: number): Content => ({ kind: 1, bytes: varUint(length) })
export const json = (...values: readonly string[]): Content => each(2, values.map(varString))
export const binary = (bytes: Uint8Array): Content => ({ kind: 3, bytes: varBytes(bytes) })
export const letters = (value: string): Content => ({ kind: 4, bytes: varString(value) })
/** `text` as it is, so that it need not be JSON. */
export const embed = (text: string): Content => ({ kind: 5, bytes: varString(text) })
export const format = (key: string, value: string): Content => ({
  kind: 6,
  bytes: join(varString(key), varString(value)),
})
export const type = (ref: number, name?: string): Content => ({
  kind: 7,
  bytes: join(varUint(ref), name === undefined ? new Uint8Array() : varString(name)),
})
/** Values as lib0 writes `any`. */
export const any = (...values: readonly Uint8Array[]): Content => each(8, values)
export const subdocument = (guid: string, options: Uint8Array): Content => ({
  kind: 9,
  bytes: join(varString(guid), options),
})
/** Content of any kind, as bytes. */
export const raw = (kind: number, ...parts: readonly Part[]): Content => ({ kind, bytes: join(...parts) })

export const TYPES = { array: 0, map: 1, text: 2, element: 3, fragment: 4, hook: 5, xmlText: 6 } as const

/** lib0's `any` values. */
export const ANY = {
  true: join(120),
  array: (count: number, ...items: readonly Uint8Array[]) => join(117, varUint(count), ...items),
  object: (count: number, ...entries: readonly Uint8Array[]) => join(118, varUint(count), ...entries),
  string: (value: string) => join(119, varString(value)),
} as const

function each(kind: number, values: readonly Uint8Array[]): Content {
  return { kind, bytes: join(varUint(values.length), ...values) }
}

/** One struct; without a place it is the first one of the root text. */
export function item(content: Content, place: Place = { parent: 'content' }): Uint8Array {
  const { left, right, parent, key } = place
  const flags = (left === undefined ? 0 : LEFT) | (right === undefined ? 0 : RIGHT) | (key === undefined ? 0 : KEY)
  const parts: Part[] = [content.kind | flags]
  if (left !== undefined) parts.push(id(left))
  if (right !== undefined) parts.push(id(right))
  if (left === undefined && right === undefined) {
    if (typeof parent === 'string') parts.push(1, varString(parent))
    else parts.push(0, id(parent ?? [0, 0]))
    if (key !== undefined) parts.push(varString(key))
  }
  return join(...parts, content.bytes)
}

/** One client's structs from `clock` on. */
export function block(client: number, clock: number, ...items: readonly Uint8Array[]): Uint8Array {
  return join(varUint(items.length), varUint(client), varUint(clock), ...items)
}

/** One client's deletes. */
export function deletes(client: number, ranges: readonly (readonly [clock: number, length: number])[]): Uint8Array {
  return join(
    varUint(client),
    varUint(ranges.length),
    repeat(ranges.length, (at) => join(varUint(ranges[at]?.[0] ?? 0), varUint(ranges[at]?.[1] ?? 0))),
  )
}

/** An update of whole blocks and deletes. */
export function update(blocks: readonly Uint8Array[], deleteSets: readonly Uint8Array[] = []): Uint8Array {
  return join(varUint(blocks.length), ...blocks, varUint(deleteSets.length), ...deleteSets)
}

/** The usual update: some structs of one client. */
export function structs(client: number, ...all: readonly Uint8Array[]): Uint8Array {
  return update([block(client, 0, ...all)])
}

/** Says that it holds `count` of something, and holds nothing. */
export const promise = (count = HUGE): Uint8Array => varUint(count)

function id([client, clock]: Id): Uint8Array {
  return join(varUint(client), varUint(clock))
}
