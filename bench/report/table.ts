/** The results as a Markdown table: what README and docs quote. */
import type { TargetName } from '../targets/targets.ts'
import type { Results } from './results.ts'
import { type Row, rows, type Rule, type Standing } from './rows.ts'

/** A server that still sends this long after the last message is not keeping up. */
const BEHIND_MS = 1_000

/** `hasAuth`: whether the servers checked tokens, which their columns then say. */
export function markdownTable(results: Results, hasAuth: boolean): string {
  const auth = hasAuth ? ' with auth' : ''
  const servers = ['raw relay', 'y-websocket', `Hocuspocus${auth}`, `Weft${auth}`]
  const headings = ['', 'scenario', ...servers, '× relay', '× Hocuspocus', 'must', 'should']
  const lines = rows
    .filter((row) => !Number.isNaN(results.median(row.scenario, 'weft', row.measure)))
    .map((row) => cells(results, row))
  return [headings, headings.map((_, at) => (at < 2 ? '---' : '---:')), ...lines]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n')
}

/** How many musts do not hold, among the rows that were measured. */
export function missedMusts(results: Results): number {
  return rows.filter((row) => {
    const standing = results.standing(row.scenario, row.measure)
    return !Number.isNaN(standing.ours) && row.must.some((rule) => verdict(rule, standing) === 'miss')
  }).length
}

function cells(results: Results, row: Row): readonly string[] {
  const standing = results.standing(row.scenario, row.measure)
  return [
    row.id,
    row.label,
    value(results, row, 'raw'),
    yWebsocket(results, row),
    value(results, row, 'hocuspocus'),
    value(results, row, 'weft'),
    ratio(standing.overFloor),
    ratio(standing.overHocuspocus),
    judge(row.must, standing),
    judge(row.should, standing),
  ]
}

/** Its server has two forms; a scenario runs the one it needs. */
function yWebsocket(results: Results, row: Row): string {
  const stored = value(results, row, 'y-leveldb')
  return stored === '–' ? value(results, row, 'y-websocket') : `${stored} (leveldb)`
}

function value(results: Results, row: Row, target: TargetName): string {
  const measured = results.median(row.scenario, target, row.measure)
  if (Number.isNaN(measured)) return '–'
  const text = number(measured * (row.scale ?? 1), row.digits)
  if (results.median(row.scenario, target, 'isComplete') === 0) return `${text}, lost some`
  return results.median(row.scenario, target, 'behindMs') > BEHIND_MS ? `${text}, falls behind` : text
}

function number(measured: number, digits: number): string {
  return measured.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function ratio(measured: number): string {
  if (!Number.isFinite(measured)) return '–'
  return measured >= 10 ? number(measured, 0) : number(measured, 2)
}

function judge(rules: readonly Rule[], standing: Standing): string {
  const judged = rules
    .map((rule) => ({ text: rule.text, verdict: verdict(rule, standing) }))
    .filter((one) => one.verdict !== 'unknown')
  if (judged.length === 0) return '–'
  const missed = judged.filter((one) => one.verdict === 'miss')
  const text = (missed.length === 0 ? judged : missed).map((one) => one.text).join(', ')
  return missed.length === 0 ? `PASS (${text})` : `**miss** (${text})`
}

/** Unknown where what a rule compares with was not measured. */
function verdict(rule: Rule, standing: Standing): 'pass' | 'miss' | 'unknown' {
  if (rule.text.endsWith('floor') && Number.isNaN(standing.overFloor)) return 'unknown'
  if (rule.text.endsWith('Hocuspocus') && Number.isNaN(standing.overHocuspocus)) return 'unknown'
  return rule.holds(standing) ? 'pass' : 'miss'
}
