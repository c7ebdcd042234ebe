/** The kill test of row 1 on another server: what its clients saw of each other, and were told is saved. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from '../../bench/targets/server.ts'
import { targets } from '../../bench/targets/targets.ts'
import type { Lab } from '../lab.ts'
import type { Measures, Peer } from '../row.ts'
import { until } from '../until.ts'
import { PeerClient } from './peer-client.ts'

const TYPISTS = 20
const DOCUMENTS = 4
const PAUSE_MS = 25
const MAX_TYPING_MS = 500
const KILLS = 20
/** Some servers send what they load after they have answered. */
const LOADING_MS = 1_000

export async function killPeer(lab: Lab, peer: Peer): Promise<Measures> {
  const target = targets[peer === 'hocuspocus' ? 'hocuspocus' : 'y-leveldb']
  const folder = await lab.folder()
  let [seen, told, lost, lostTold] = [0, 0, 0, 0]
  for (let round = 0; round < KILLS; round++) {
    lab.progress(`${peer}: ${round} of ${KILLS} kills, ${lost} of ${seen} edits lost`)
    const server = await Server.start(target, { folder, nodeArgs: [] })
    const nameOf = (index: number): string => `kill-${round}-${index % DOCUMENTS}`
    const cast = Array.from({ length: TYPISTS }, (_, index) => new PeerClient(peer, server.port, nameOf(index)))
    await until(() => cast.every(({ isSynced }) => isSynced))
    const before = cast.map(({ acknowledged }) => acknowledged)
    const typing = setInterval(() => {
      for (const [index, { doc }] of cast.entries()) doc.getArray(`typist ${index}`).push([index])
    }, PAUSE_MS)
    await sleep(lab.random() * MAX_TYPING_MS)
    await server.stop('SIGKILL')
    clearInterval(typing)
    const promises = cast.map(({ doc, acknowledged }, index) => ({
      told: Math.min(acknowledged - (before[index] ?? 0), doc.getArray(`typist ${index}`).length),
      seen: seenByOthers(cast, index),
    }))
    for (const client of cast) client.close()

    const again = await Server.start(target, { folder, nodeArgs: [] })
    const witnesses = Array.from({ length: DOCUMENTS }, (_, index) => new PeerClient(peer, again.port, nameOf(index)))
    await until(() => witnesses.every(({ isSynced }) => isSynced))
    await sleep(LOADING_MS)
    for (const [index, promise] of promises.entries()) {
      const kept = witnesses[index % DOCUMENTS]?.doc.getArray(`typist ${index}`).length ?? 0
      seen += promise.seen
      told += promise.told
      lost += Math.max(0, promise.seen - kept)
      lostTold += Math.max(0, promise.told - kept)
    }
    for (const client of witnesses) client.close()
    await again.stop('SIGKILL')
  }
  return {
    kills: KILLS,
    'edits others saw': seen,
    'of them lost': lost,
    'edits acknowledged': told,
    'of these lost': lostTold,
  }
}

function seenByOthers(cast: readonly PeerClient[], index: number): number {
  const others = cast.filter((_, other) => other !== index && other % DOCUMENTS === index % DOCUMENTS)
  return Math.max(...others.map(({ doc }) => doc.getArray(`typist ${index}`).length))
}
