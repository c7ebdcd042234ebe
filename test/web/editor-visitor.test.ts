import { describe, expect, test } from 'vitest'
import { loadVisitorName, saveVisitorName, type NameStorage } from '../../web/editor/visitor.ts'

function memory(): NameStorage {
  const values = new Map<string, string>()
  return { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => void values.set(key, value) }
}

describe('a visitor whom nobody named', () => {
  test('[ED40] gets a friendly name once and keeps it', () => {
    const storage = memory()
    const name = loadVisitorName(storage, () => 0)
    expect(name).toBe('Amber Badger')
    expect(loadVisitorName(storage, () => 0.99)).toBe(name)
  })

  test('[ED41] keeps the name they chose', () => {
    const storage = memory()
    saveVisitorName(storage, 'Ann')
    expect(loadVisitorName(storage)).toBe('Ann')
  })

  test('[ED42] has a name where nothing can be kept', () => {
    const refuses: NameStorage = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError')
      },
    }
    expect(loadVisitorName(null)).not.toBe('')
    expect(loadVisitorName(refuses)).not.toBe('')
  })
})
