/** Writing numbers into bytes whose size was reckoned before: what the stored formats are made of. */

const UINT32 = 2 ** 32

/** How many bytes `writeVarUint` takes for `value`. */
export function sizeOfVarUint(value: number): number {
  let size = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++
  return size
}

/** Writes `value` as LEB128 at `at`; returns where it ends. */
export function writeVarUint(bytes: Uint8Array, at: number, value: number): number {
  let position = at
  let rest = value
  while (rest > 127) {
    bytes[position++] = (rest % 128) + 128
    rest = Math.floor(rest / 128)
  }
  bytes[position++] = rest
  return position
}

/** A signed number as an unsigned one that is small when `value` is near 0. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

/** Writes six bytes, big-endian: seqs and row ids outgrow 32 bits, and a slot has to be filled in later. */
export function setUint48(view: DataView, at: number, value: number): void {
  view.setUint16(at, Math.floor(value / UINT32))
  view.setUint32(at + 2, value % UINT32)
}

export function getUint48(view: DataView, at: number): number {
  return view.getUint16(at) * UINT32 + view.getUint32(at + 2)
}
