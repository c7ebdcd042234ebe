/** Runs one scenario against one target: folders, servers and clean-up. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beginningOf, type Content, type Paper, writePaper } from '../load/paper.ts'
import type { Edit } from '../load/trace.ts'
import { Server } from '../targets/server.ts'
import type { Target } from '../targets/targets.ts'
import type { Lab, Measures, Scenario } from './scenario.ts'

export interface LabOptions {
  readonly isQuick: boolean
  readonly edits: readonly Edit[]
  /** Arguments for Node of every server started. */
  readonly nodeArgs: readonly string[]
}

/** Makes runs that share what is expensive to prepare. */
export class Laboratory {
  readonly #options: LabOptions
  readonly #documents = new Map<number, Content>()
  #paper: Paper | null = null

  constructor(options: LabOptions) {
    this.#options = options
  }

  /** Runs `scenario`; every server it started is gone afterwards, and every folder. */
  async run(scenario: Scenario, target: Target): Promise<Measures> {
    const { isQuick, nodeArgs } = this.#options
    const servers: Server[] = []
    const folders: string[] = []
    const lab: Lab = {
      target,
      isQuick,
      paper: () => Promise.resolve((this.#paper ??= writePaper(this.#options.edits))),
      document: (bytes) => Promise.resolve(this.#document(bytes)),
      start: async (folder) => {
        const home = folder ?? (await mkdtemp(join(tmpdir(), 'weft-bench-')))
        if (folder === undefined) folders.push(home)
        const server = await Server.start(target, { folder: home, nodeArgs })
        servers.push(server)
        return server
      },
    }
    try {
      return await scenario.run(lab)
    } finally {
      for (const server of servers) await server.stop()
      for (const folder of folders) await rm(folder, { recursive: true, force: true })
    }
  }

  #document(bytes: number): Content {
    const made = this.#documents.get(bytes) ?? beginningOf(this.#options.edits, bytes)
    this.#documents.set(bytes, made)
    return made
  }
}
