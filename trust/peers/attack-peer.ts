/** The hostile corpus on another server: what it does to that server, and to the people there. */
import { Server } from '../../bench/targets/server.ts'
import { targets } from '../../bench/targets/targets.ts'
import { attack, type Harm, type Target } from '../hostile/attack.ts'
import type { HostileCase } from '../hostile/case.ts'
import { corpus } from '../hostile/corpus.ts'
import { join } from '../hostile/bytes.ts'
import { HonestClient } from '../hostile/honest-client.ts'
import { Watch } from '../hostile/watch.ts'
import { type Paths, sync, type Wire, wireAt, type WireName } from '../hostile/wires.ts'
import type { Lab } from '../lab.ts'
import { residentBytes } from '../proc.ts'
import type { Measures, Peer } from '../row.ts'

const MB = 1e6
const STALL_MS = 50
/** These servers answer at once what they answer at all. */
const PATIENCE_MS = 3_000
/** How long one may be at work on what the case before sent. */
const RECOVERY_MS = 60_000

const WIRES: Readonly<Record<Peer, WireName>> = { hocuspocus: 'hocuspocus', 'y-websocket': 'y-websocket' }
const PATHS: Readonly<Record<Peer, Paths>> = {
  hocuspocus: { hocuspocus: () => '/' },
  'y-websocket': { 'y-websocket': (document) => `/${document}` },
}

export async function attackPeer(lab: Lab, peer: Peer): Promise<Measures> {
  const tally = new Map<Harm, number>()
  let cases = 0
  let stalls = 0
  let longestMs = 0
  let grownBytes = 0
  let place = await start(lab, peer)
  for (const one of casesFor(lab, peer)) {
    lab.progress(`${peer}: ${one.name}`)
    const before = residentBytes(place.server.pid)
    await place.watch.longest()
    const verdict = await attack(place.target, one, WIRES[peer])
    if (verdict === null) continue
    cases++
    // What waits for what nobody has is kept by these servers, and saved with the rest.
    const isKept = one.outcome === 'held'
    const harms = verdict.harm.filter((harm) => !isKept || harm !== 'false acknowledgement')
    for (const harm of harms) tally.set(harm, (tally.get(harm) ?? 0) + 1)
    const isBack = place.target.isAlive() && (await isReady(place.target, peer))
    const stallMs = isBack ? await place.watch.longest() : 0
    longestMs = Math.max(longestMs, stallMs)
    if (stallMs > STALL_MS) stalls++
    if (isBack) grownBytes += residentBytes(place.server.pid) - before
    const what = [...harms, ...(stallMs > STALL_MS ? [`${stallMs.toFixed(0)} ms`] : [])]
    if (what.length > 0) lab.progress(`${peer}: ${one.name}: ${what.join(', ')}`)
    if (isBack) continue
    if (place.target.isAlive()) tally.set('server died', (tally.get('server died') ?? 0) + 1)
    await stop(place)
    place = await start(lab, peer)
  }
  await stop(place)
  const count = (harm: Harm): number => tally.get(harm) ?? 0
  return {
    cases,
    'deaths, or no answer for a minute': count('server died'),
    'stalls over 50 ms': stalls,
    'longest stall, ms': longestMs,
    'memory growth, MB': grownBytes / MB,
    'false acknowledgements': count('false acknowledgement'),
    'honest edits lost': count('honest edit lost'),
    'fresh clients that did not sync': count('fresh client did not sync'),
    'clients that threw': count('client threw'),
    'replicas that differ': count('replicas differ'),
    'forged presence': count('presence forged'),
  }
}

/** Of a part of the long form every so manieth, the first of them by the seed. */
function casesFor({ scale, isShort, seed }: Lab, peer: Peer): readonly HostileCase[] {
  const pieces = isShort ? 20 : Math.max(1, Math.round(1 / scale))
  return corpus
    .filter((one) => one.kind !== 'socket' || one.wires.includes(WIRES[peer]))
    .filter((_, at) => at % pieces === (seed - 1) % pieces)
}

interface Place {
  readonly server: Server
  readonly target: Target
  readonly watch: Watch
}

async function start(lab: Lab, peer: Peer): Promise<Place> {
  const server = await Server.start(targets[peer === 'hocuspocus' ? 'hocuspocus' : 'y-leveldb'], {
    folder: await lab.folder(),
    nodeArgs: [],
  })
  const target = {
    port: server.port,
    wire: () => wireOf(peer),
    acknowledges: peer === 'hocuspocus',
    patienceMs: PATIENCE_MS,
    isAlive: () => residentBytes(server.pid) > 0,
  }
  const path = wireOf(peer)?.path('watched') ?? '/'
  return { server, target, watch: await Watch.start({ port: server.port, pid: server.pid, path, wire: WIRES[peer] }) }
}

/** Hocuspocus does not answer a second token; both answer each step 1. */
function wireOf(peer: Peer): Wire | null {
  const wire = wireAt(PATHS[peer], WIRES[peer])
  if (wire === null) return null
  const probe: Wire['probe'] = (document) => ({ question: sync(wire, document, 0, join(0)), answer: 'step2' })
  return { ...wire, probe }
}

async function stop({ server, watch }: Place): Promise<void> {
  await watch.stop()
  await server.stop('SIGKILL')
}

/** Whether it lets somebody in; a server that is at work on one thing does not. */
async function isReady({ port }: Target, peer: Peer): Promise<boolean> {
  const wire = wireOf(peer)
  if (wire === null) return false
  const visitor = await HonestClient.join(port, wire, { document: 'ready', name: 'visitor', patienceMs: RECOVERY_MS })
  visitor.close()
  return visitor.isSynced
}
