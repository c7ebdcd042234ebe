/** A real store whose commits happen when the test says so, or fail when it says so. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Seq } from '../../shared/ids.ts'
import type { Batch, Store } from '../../server/ports/store.ts'
import { PATIENCE_MS } from './eventually.ts'

interface HeldCommit {
  readonly batch: Batch
  readonly resolve: (seqs: readonly Seq[]) => void
  readonly reject: (error: unknown) => void
}

export interface HeldStore extends Store {
  /** Batches handed over and not yet written. */
  readonly held: readonly Batch[]
  /** Writes the oldest held batch, waiting for it to come when there is none yet; resolves when its rooms know. */
  release(): Promise<void>
  /** Fails the oldest held batch; resolves when whoever asked for it knows. */
  fail(error: unknown): Promise<void>
  /** Writes what is held, and from now on whatever comes. */
  letGo(): Promise<void>
}

/** `store` with its commits held back. */
export function holdCommits(store: Store): HeldStore {
  const held: HeldCommit[] = []
  let arrived: (() => void) | null = null
  let isHolding = true

  const oldest = async (): Promise<HeldCommit> => {
    for (;;) {
      const commit = held.shift()
      if (commit !== undefined) return commit
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('Nothing came to be written.')), PATIENCE_MS)
        arrived = () => {
          clearTimeout(late)
          resolve()
        }
      })
    }
  }

  const overrides: Pick<HeldStore, 'held' | 'commit' | 'release' | 'fail' | 'letGo'> = {
    get held() {
      return held.map(({ batch }) => batch)
    },
    commit(batch) {
      if (!isHolding) return store.commit(batch)
      return new Promise((resolve, reject) => {
        held.push({ batch, resolve, reject })
        arrived?.()
      })
    },
    async release() {
      const { batch, resolve } = await oldest()
      resolve(await store.commit(batch))
      await nextTurn()
    },
    async fail(error) {
      const { reject } = await oldest()
      reject(error)
      await nextTurn()
    },
    async letGo() {
      isHolding = false
      while (held.length > 0) await overrides.release()
    },
  }
  return new Proxy(store, {
    get(target, name) {
      if (name in overrides) return Reflect.get(overrides, name)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
    // The proxy answers everything a HeldStore has.
  }) as HeldStore
}
