/** Random blocks in normal form, with the texts that trip up formats. */
import * as fc from 'fast-check'

import type { BlockAttributes, Marks } from '../../shared/model/attributes.ts'
import { normalRuns } from '../../shared/model/blocks.ts'
import type { Block, Run } from '../../shared/model/blocks.ts'

const AWKWARD = [
  '# not heading',
  '1. not list',
  '- [x] ',
  '> ',
  '<b>html</b> & &amp;',
  'trailing blanks  ',
  '| a | b |',
  '```',
  '---',
  '**a**_b_`c`',
  '\\',
  'a\u2028b',
  '\ufffc',
  '\t',
  '\u{1f600}\u{1f601}',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  'שלום עולם',
  'مرحبا',
  'e\u0301',
  '\u0000',
]

const text = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.string({ unit: 'binary', maxLength: 8 }).map((value) => value.toWellFormed().replaceAll('\n', '')),
  fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\u{1f600}', '\u{1f601}'), maxLength: 12 }),
)

const link = fc.constantFrom('https://a.example/?q=1#x', 'http://b.example', 'mailto:c@example.org')

const marks = optional<Marks>({
  bold: fc.constant(true),
  italic: fc.constant(true),
  underline: fc.constant(true),
  strike: fc.constant(true),
  code: fc.constant(true),
  link,
  color: fc.constantFrom('#b4351f', 'rebeccapurple', 'rgb(1, 2, 3)'),
  background: fc.constantFrom('#fff', 'hsl(1 2% 3%)'),
  script: fc.constantFrom('sub', 'super'),
})

const attributes = optional<BlockAttributes>({
  header: fc.constantFrom(1, 2, 3, 4, 5, 6),
  list: fc.constantFrom('bullet', 'ordered', 'checked', 'unchecked'),
  indent: fc.integer({ min: 1, max: 8 }),
  blockquote: fc.constant(true),
  'code-block': fc.constantFrom<string | true>(true, 'typescript', 'c++'),
  align: fc.constantFrom('center', 'right', 'justify'),
  direction: fc.constant('rtl'),
})

const embed = fc.constantFrom<Run['insert']>(
  { divider: true },
  { image: 'https://a.example/x.png' },
  { mention: { id: '1', name: 'Ann' } },
  { mention: { id: '2', name: 'Ben' } },
  { table: 't1' },
)

const run: fc.Arbitrary<Run> = fc.record({
  insert: fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: embed }),
  marks,
})

const block: fc.Arbitrary<Block> = fc.record({
  attributes,
  content: fc.array(run, { maxLength: 4 }).map(normalRuns),
})

/** At least one block. */
export const blocks: fc.Arbitrary<readonly Block[]> = fc.array(block, { minLength: 1, maxLength: 6 })

function optional<Values extends object>(model: {
  readonly [Name in keyof Values]-?: fc.Arbitrary<NonNullable<Values[Name]>>
}): fc.Arbitrary<Values> {
  // Most text is plain; absent keys alone would leave nearly every value with something.
  return fc.oneof(fc.constant({}), fc.record(model, { requiredKeys: [] })) as fc.Arbitrary<Values>
}
