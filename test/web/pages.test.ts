/** The parts of the pages that need no page. */
import { describe, expect, test } from 'vitest'
import type { TimelineEntry } from '../../shared/rest.ts'
import { documentFromPath, pathOfDocument } from '../../web/app/document-path.ts'
import { loadRecent, rememberRecent } from '../../web/app/recent-documents.ts'
import { keepToken, keptToken, tokenInFragment } from '../../web/app/share-token.ts'
import { askingMessage, describeExpiry, embedCode } from '../../web/app/share-words.ts'
import { describeAge, printDay } from '../../web/app/time.ts'
import { countChanges, daysOf, printSpan } from '../../web/app/timeline.ts'

describe('the address of a document’s page', () => {
  test.each([
    ['plan', '/edit/plan'],
    ['team/2027 plan', '/edit/team/2027%20plan'],
    ['größe/日本', '/edit/gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC'],
    ['a?b#c%d', '/edit/a%3Fb%23c%25d'],
    ['/leading', '/edit//leading'],
    ['a/../b', '/edit/a%2F..%2Fb'],
    ['50%', '/edit/50%25'],
  ])('[PA1] %j is at %s, and back', (document, path) => {
    expect(pathOfDocument(document)).toBe(path)
    expect(documentFromPath(new URL(path, 'http://weft.test').pathname)).toBe(document)
  })

  test('[PA2] a path that is no encoding is the name as it was typed', () => {
    expect(documentFromPath('/edit/100%')).toBe('100%')
  })

  test('[PA90] the page for frames names its document the same way', () => {
    expect(documentFromPath('/embed/team/plan')).toBe('team/plan')
  })
})

describe('times', () => {
  const now = new Date(2026, 10, 22, 12, 0).getTime()
  const ago = (minutes: number): number => now - minutes * 60_000

  test.each([
    [-5, 'just now'],
    [0.5, 'just now'],
    [5, '5 minutes ago'],
    [119, '1 hour ago'],
    [60 * 24, 'yesterday'],
    [60 * 24 * 8, 'last week'],
    [60 * 24 * 400, 'last year'],
  ])('[PA3] %s minutes ago is “%s”', (minutes, words) => {
    expect(describeAge(ago(minutes), now, 'en')).toBe(words)
  })

  test('[PA4] days are calendar days', () => {
    const morning = new Date(2026, 10, 22, 8).getTime()
    const hoursAgo = (hours: number): string => printDay(morning - hours * 3_600_000, morning, 'en')
    expect(hoursAgo(7)).toBe('Today')
    expect(hoursAgo(9)).toBe('Yesterday')
    expect(hoursAgo(3 * 24)).toMatch(/^Thursday.*19$/)
    expect(hoursAgo(365 * 24)).toMatch(/^Saturday.*22.*2025$/)
  })
})

describe('the history', () => {
  const at = (day: number, hour: number): number => new Date(2026, 10, day, hour).getTime()
  const entry = (toSeq: number, toMs: number): TimelineEntry => ({
    fromSeq: toSeq,
    toSeq,
    fromMs: toMs - 600_000,
    toMs,
    user: 'ann',
    name: 'Ann',
    updates: toSeq,
    bytes: 1,
  })

  test('[PA5] is grouped by day, the newest day and entry first', () => {
    const days = daysOf([entry(1, at(20, 9)), entry(2, at(21, 9)), entry(3, at(21, 10))], at(22, 12))
    expect(days.map(({ entries }) => entries.map(({ toSeq }) => toSeq))).toEqual([[3, 2], [1]])
    expect(days[0]?.label).toBe('Yesterday')
  })

  test('[PA6] tells how long and how much', () => {
    expect(printSpan(entry(1, at(21, 9)), 'en-GB')).toBe('08:50–09:00')
    expect([1, 12].map((updates) => countChanges({ ...entry(1, 0), updates }))).toEqual(['1 change', '12 changes'])
  })
})

describe('documents opened on this device', () => {
  function memory(initial: string | null = null) {
    let value = initial
    return { getItem: () => value, setItem: (_key: string, next: string) => void (value = next) }
  }
  const opened = (document: string) => ({ document, title: '', openedAtMs: 1 })

  test('[PA7] are listed newest first, each once, fifty at most', () => {
    const storage = memory()
    for (let index = 0; index < 60; index++) rememberRecent(storage, opened(`${index}`))
    rememberRecent(storage, opened('30'))
    const names = loadRecent(storage).map(({ document }) => document)
    expect(names.slice(0, 3)).toEqual(['30', '59', '58'])
    expect(names).toHaveLength(50)
    expect(new Set(names).size).toBe(50)
  })

  test.each(['', '{', 'null', '{"a":1}', '[1,{"document":"x"}]'])(
    '[PA8] a kept value like %j is an empty list',
    (kept) => {
      expect(loadRecent(memory(kept))).toEqual([])
    },
  )
})

describe('sharing', () => {
  function memory(initial: Record<string, string> = {}) {
    const kept = new Map(Object.entries(initial))
    return {
      kept,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    }
  }

  test.each([
    ['#link=wl_abc', 'wl_abc'],
    ['#token=a.b-c_d', 'a.b-c_d'],
    ['#link=', null],
    ['#heading', null],
    ['', null],
  ])('[PA9] the fragment %j brings the token %j', (fragment, token) => {
    expect(tokenInFragment(fragment)).toBe(token)
  })

  test('[PA10] a token is kept for its document, and a storage that refuses costs nothing', () => {
    const storage = memory()
    keepToken(storage, 'plan', 'wl_abc')
    expect([keptToken(storage, 'plan'), keptToken(storage, 'other'), keptToken(null, 'plan')]).toEqual([
      'wl_abc',
      null,
      null,
    ])
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full')
      },
    }
    expect(() => keepToken(full, 'plan', 'wl_abc')).not.toThrow()
  })

  test('[PA11] says until when a link works, and when it ran out', () => {
    const now = new Date(2026, 10, 22, 12).getTime()
    const at = (...time: [number, number, number, number]) => ({ expiresAtMs: new Date(...time).getTime() })
    expect(describeExpiry({ expiresAtMs: null }, now, 'en-GB')).toBe('No expiry')
    expect(describeExpiry(at(2026, 10, 29, 9), now, 'en-GB')).toBe('Until 29 Nov')
    expect(describeExpiry(at(2026, 10, 22, 18), now, 'en-GB')).toBe('Until 18:00')
    expect(describeExpiry(at(2027, 0, 2, 9), now, 'en-GB')).toBe('Until 2 Jan 2027')
    expect(describeExpiry(at(2026, 10, 21, 9), now, 'en-GB')).toBe('Ran out 21 Nov')
  })

  test('[PA12] the code to embed holds no markup of the document’s name', () => {
    expect(embedCode('https://weft.test', '"><script>&')).toContain('document="&quot;>&lt;script>&amp;"')
  })

  test('[PA13] who asks for access says for what, and where', () => {
    const asker = { title: 'Plan', name: 'Ann', url: 'https://weft.test/edit/plan' }
    expect(askingMessage({ ...asker, role: 'viewer' })).toMatch(
      /edit “Plan”[^]*https:\/\/weft\.test\/edit\/plan\n\nAnn$/,
    )
    expect(askingMessage({ ...asker, role: null })).toContain('open “Plan”')
  })
})
