import { describe, expect, test } from 'vitest'
import { parseLinkAddress } from '../../web/editor/link-address.ts'

describe('the link field', () => {
  test.each([
    ['https://weft.test/a?b#c', 'https://weft.test/a?b#c'],
    [' weft.test/plan ', 'https://weft.test/plan'],
    ['weft.test:8080/plan', 'https://weft.test:8080/plan'],
    ['localhost:4321', 'https://localhost:4321'],
    ['ann@weft.test', 'mailto:ann@weft.test'],
    ['mailto:ann@weft.test', 'mailto:ann@weft.test'],
  ])('[ED30] takes %j as %s', (typed, address) => {
    expect(parseLinkAddress(typed)).toBe(address)
  })

  test.each([
    '',
    '  ',
    'plan',
    'two words.test',
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    // The stored format keeps http, https and mailto; another would be gone for everybody else.
    'tel:+41791234567',
    'https://',
  ])('[ED31] refuses %j', (typed) => {
    expect(parseLinkAddress(typed)).toBeNull()
  })
})
