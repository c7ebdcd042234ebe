/** The name of a visitor whom nobody named: made up once, kept on this device, changed from their own avatar. */

const NAME_KEY = 'weft-name'

const MANNERS = [
  'Amber',
  'Brave',
  'Calm',
  'Clever',
  'Gentle',
  'Kind',
  'Lively',
  'Merry',
  'Patient',
  'Quiet',
  'Swift',
  'Witty',
]
const ANIMALS = [
  'Badger',
  'Crane',
  'Dolphin',
  'Falcon',
  'Hare',
  'Heron',
  'Lynx',
  'Marten',
  'Otter',
  'Raven',
  'Seal',
  'Wren',
]

/** What is needed of `localStorage`; null stands for a browser that forbids it. */
export type NameStorage = Pick<Storage, 'getItem' | 'setItem'> | null

/** The name kept on this device, or a new friendly one, which is kept from now on. */
export function loadVisitorName(storage: NameStorage, random: () => number = Math.random): string {
  const kept = storage?.getItem(NAME_KEY)?.trim()
  if (kept) return kept
  const name = `${pick(MANNERS, random)} ${pick(ANIMALS, random)}`
  saveVisitorName(storage, name)
  return name
}

/** Keeps `name` on this device, as far as the browser lets us. */
export function saveVisitorName(storage: NameStorage, name: string): void {
  try {
    storage?.setItem(NAME_KEY, name)
  } catch {
    // A full or forbidden storage costs the visitor a new name next time and nothing else.
  }
}

/** `localStorage`, or null where the browser forbids even looking at it. */
export function deviceStorage(): Storage | null {
  try {
    return globalThis.localStorage
  } catch {
    // Reading the property throws where storage is blocked for the site.
    return null
  }
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() * words.length)] ?? ''
}
