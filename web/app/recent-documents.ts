/** Documents opened on this device, so that the list is not empty when the server cannot be asked. */

const KEY = 'weft-recent'

const MAX_RECENT = 50

export interface RecentDocument {
  readonly document: string
  readonly title: string
  readonly openedAtMs: number
}

/** Newest first; empty where nothing is or can be kept. */
export function loadRecent(storage: Pick<Storage, 'getItem'> | null): readonly RecentDocument[] {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isRecent) : []
  } catch {
    // Somebody else's value under our key: start again.
    return []
  }
}

/** Puts a document at the top of the list. */
export function rememberRecent(storage: Pick<Storage, 'getItem' | 'setItem'> | null, recent: RecentDocument): void {
  const others = loadRecent(storage).filter(({ document }) => document !== recent.document)
  try {
    storage?.setItem(KEY, JSON.stringify([recent, ...others].slice(0, MAX_RECENT)))
  } catch {
    // A full or forbidden storage costs one line in an offline list.
  }
}

function isRecent(value: unknown): value is RecentDocument {
  if (typeof value !== 'object' || value === null) return false
  const { document, title, openedAtMs } = value as Partial<Record<keyof RecentDocument, unknown>>
  return typeof document === 'string' && typeof title === 'string' && typeof openedAtMs === 'number'
}
