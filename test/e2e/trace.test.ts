/**
 * A long session of typing, one keystroke per message.
 *
 * By default a made-up one; `WEFT_TRACE=<file.json.gz>` replays a real one of the editing-traces collection:
 * `{startContent, endContent, txns: [{patches: [[position, deleted, inserted], …]}]}`.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { randomFrom } from '../../trust/fuzz/update-documents.ts'
import { type StockClient, stockClient } from '../support/clients.ts'
import { until } from '../support/eventually.ts'
import { runServerProcess } from '../support/server.ts'

type Patch = readonly [position: number, deleted: number, inserted: string]

interface Trace {
  readonly startContent: string
  readonly endContent: string
  readonly txns: readonly { readonly patches: readonly Patch[] }[]
}

const SEED = 1
const KEYSTROKES = 20_000

/** Keystrokes between two looks at the network. */
const BURST = 100

/** Unsent bytes at which the writer waits. */
const MAX_BUFFERED_BYTES = 64 * 1024

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100

test('[TC1] a session typed key by key is the same text for a live reader, a fresh one, and after a crash', async ({
  annotate,
}) => {
  const trace = loadTrace()
  const server = await runServerProcess()
  const writer = stockClient('3.1.0', server.wsUrl, 'paper')
  const reader = stockClient('3.1.0', server.wsUrl, 'paper')
  await until(() => writer.provider.synced && reader.provider.synced)

  const startedMs = Date.now()
  const cpuBefore = cpuSeconds(server.pid)
  await replay(trace, writer)
  await untilCaughtUp(reader, writer)
  const seconds = (Date.now() - startedMs) / 1_000
  const cpu = cpuSeconds(server.pid) - cpuBefore
  expect(reader.text.toJSON()).toBe(trace.endContent)

  const fresh = stockClient('3.1.0', server.wsUrl, 'paper')
  await until(() => fresh.provider.synced)
  expect(fresh.text.toJSON()).toBe(trace.endContent)

  await server.kill()
  for (const { provider } of [writer, reader, fresh]) provider.destroy()
  await server.start()
  const afterwards = stockClient('3.1.0', server.wsUrl, 'paper')
  await until(() => afterwards.provider.synced)
  expect(afterwards.text.toJSON()).toBe(trace.endContent)
  await server.stop()

  const count = trace.txns.length
  const rate = Math.round(count / seconds)
  const bytes = bytesIn(server.data)
  await annotate(
    `${count} keystrokes in ${seconds.toFixed(1)} s (${rate}/s); server CPU ${cpu.toFixed(1)} s; ${bytes} bytes on disk`,
  )
}, 600_000)

function loadTrace(): Trace {
  const file = process.env['WEFT_TRACE']
  return file === undefined ? inventTrace() : (JSON.parse(gunzipSync(readFileSync(file)).toString()) as Trace)
}

/** Somebody types words, takes some back, and now and then goes on somewhere else. */
function inventTrace(): Trace {
  const random = randomFrom(SEED)
  const txns: { readonly patches: readonly Patch[] }[] = []
  let text = ''
  let caret = 0
  for (let key = 0; key < KEYSTROKES; key++) {
    if (random() < 0.01) caret = Math.floor(random() * (text.length + 1))
    const isBackspace = caret > 0 && random() < 0.25
    const patch: Patch = isBackspace ? [caret - 1, 1, ''] : [caret, 0, random() < 0.18 ? ' ' : letter(random())]
    const [position, deleted, inserted] = patch
    text = text.slice(0, position) + inserted + text.slice(position + deleted)
    caret = position + inserted.length
    txns.push({ patches: [patch] })
  }
  return { startContent: '', endContent: text, txns }
}

function letter(at: number): string {
  return String.fromCharCode(97 + Math.floor(at * 26))
}

async function replay({ startContent, txns }: Trace, { doc, text, provider }: StockClient): Promise<void> {
  if (startContent !== '') text.insert(0, startContent)
  for (const [index, { patches }] of txns.entries()) {
    doc.transact(() => {
      for (const [position, deleted, inserted] of patches) {
        if (deleted > 0) text.delete(position, deleted)
        if (inserted !== '') text.insert(position, inserted)
      }
    })
    if (index % BURST !== 0) continue
    do await setImmediate()
    while ((provider.ws?.bufferedAmount ?? 0) > MAX_BUFFERED_BYTES)
  }
}

/** By what is cheap to compare; whether the text is the same is for the test to say. */
async function untilCaughtUp(reader: StockClient, writer: StockClient): Promise<void> {
  const author = writer.doc.clientID
  await until(
    () => clockOf(reader, author) === clockOf(writer, author) && reader.text.length === writer.text.length,
    300_000,
  )
}

/** How much of what `author` wrote is here. */
function clockOf({ doc }: StockClient, author: number): number {
  const structs = doc.store.clients.get(author)
  const last = structs?.at(-1)
  return last === undefined ? 0 : last.id.clock + last.length
}

/** Processor time of a process, all threads, user and system; not a number where Linux does not tell. */
function cpuSeconds(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in parentheses, which may hold spaces; user and system time are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
}
