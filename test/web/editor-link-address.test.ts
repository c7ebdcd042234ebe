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
    ['tel:+41791234567', 'tel:+41791234567'],
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
    'https://',
  ])('[ED31] refuses %j', (typed) => {
    expect(parseLinkAddress(typed)).toBeNull()
  })
})
