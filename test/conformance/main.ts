/**
 * `npm run conformance -- --url ws://127.0.0.1:4321/ws --dialect y-websocket`: which rules of docs/protocol.md a running
 * server keeps, whosever it is. Exits with 1 when it breaks one.
 */
import { parseArgs } from 'node:util'
import { checkRule, suites } from './dialects.ts'

const { values } = parseArgs({ options: { url: { type: 'string' }, dialect: { type: 'string' } } })
const suite = suites[values.dialect ?? '']
if (values.url === undefined || suite === undefined) {
  say(`usage: npm run conformance -- --url ws://HOST/PATH --dialect ${Object.keys(suites).join(' | ')}`)
  process.exit(2)
}

let broken = 0
for (const rule of suite.rules) {
  const complaint = await checkRule(rule, values.url.replace(/\/$/, ''), suite.wrapping)
  if (complaint !== null) broken++
  say(complaint === null ? `✓ [${rule.id}] ${rule.sentence}` : `✗ [${rule.id}] ${rule.sentence}: ${complaint}`)
}
say(`${suite.rules.length - broken} rules kept, ${broken} broken`)
process.exit(broken === 0 ? 0 : 1)

function say(line: string): void {
  process.stdout.write(`${line.replaceAll('\n', ' ')}\n`)
}
