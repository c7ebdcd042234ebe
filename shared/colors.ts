/** The colours people get. It knows nothing of awareness or users beyond an id. */

/** White text on each of them has a contrast of 4.5:1 or more. */
const HUES = [
  '#b4351f',
  '#1b6e8c',
  '#6a3fb5',
  '#1d7a4c',
  '#a3350f',
  '#8a2f74',
  '#2f5fd0',
  '#7a5a00',
  '#0f6f6a',
  '#b02a5b',
  '#4a5a1e',
  '#5b4bd0',
] as const

/** The colour of `userId`: the same everywhere and every time; the next one not in `taken`, unless all are taken. */
export function colorOf(userId: string, taken: ReadonlySet<string> = new Set()): string {
  const first = fnv1a(userId) % HUES.length
  const inOrder = [...HUES.slice(first), ...HUES.slice(0, first)]
  return inOrder.find((hue) => !taken.has(hue)) ?? inOrder[0] ?? HUES[0]
}

/** FNV-1a, 32 bit: ids that differ in one character land far apart. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}
