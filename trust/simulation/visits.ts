/** People who come, type a little and leave again and again, while the disk is slow and rooms are unloaded at once. */
import { below, pick, randomFrom } from '../fuzz/update-documents.ts'
import type { VirtualClock } from './clock.ts'
import type { Outcome } from './orders.ts'
import type { Person } from './person.ts'
import { World } from './world.ts'

/** In one seed. */
const VISITS = 50

const EDITS = 4
/** In so many of the visits the disk takes nothing for a while. */
const HICCUPS = 0.1
const LONGEST_STAY_MS = 600

/** Lives through the coming and going that `seed` stands for. */
export async function comingAndGoing(clock: VirtualClock, seed: number): Promise<Outcome> {
  const random = randomFrom(seed ^ 0x71517)
  const world = new World({
    clock,
    seed,
    documents: 1 + below(random, 3),
    people: 3 + below(random, 3),
    computeWorstMs: pick(random, [2, 100]),
    distributeAfter: 4,
    core: {
      // An unused room is thrown out some moment after it was left: while it is written, folded, or opened again.
      roomIdleMs: 1 + below(random, 20),
      retryCommitMinMs: 20,
      retryCommitMaxMs: 200,
      compactAfterUpdates: pick(random, [4, 2_000]),
      compactAfterBytes: 100,
      inlineDiffBytes: pick(random, [0, 100_000]),
      verifyOverBytes: pick(random, [30, 500]),
      partBytes: pick(random, [20, 1_000]),
    },
  })
  world.weather.worstMs = pick(random, [2, 30, 300])
  world.server.start()
  await world.pass(1)
  for (let visits = 0; visits < VISITS && !world.isOver; visits++) {
    visit(world, pick(world.random, world.people))
    if (world.random() < HICCUPS) hiccup(world)
    await world.pass(world.random() * pick(world.random, [10, 60, 400]))
  }
  await world.pass(LONGEST_STAY_MS)
  return { ...(await world.heal()), visits: VISITS }
}

/** Opens a page, or connects it anew, types while it is there, and leaves, perhaps before anything is answered. */
function visit(world: World, person: Person): void {
  const { clock, random } = world
  const stayMs = random() * pick(random, [150, LONGEST_STAY_MS])
  person.open()
  person.connect()
  for (let edits = below(random, EDITS + 1); edits > 0; edits--) clock.in(random() * stayMs, null, () => person.edit())
  clock.in(stayMs, null, () => (random() < 0.5 ? person.close() : person.disconnect()))
}

function hiccup(world: World): void {
  world.weather.trouble = 'storage-failed'
  world.clock.in(world.random() * 300, null, () => {
    world.weather.trouble = null
  })
}
