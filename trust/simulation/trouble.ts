/** A day with everything that can go wrong, one thing after the other, while people type. */
import { below, pick, randomFrom } from '../fuzz/update-documents.ts'
import type { VirtualClock } from './clock.ts'
import type { Outcome } from './orders.ts'
import type { Person } from './person.ts'
import { USUAL_DISK_MS, World } from './world.ts'

const STEPS = 160

/** Each of them as often as its number says. */
const HAPPENINGS: readonly (readonly [number, (world: World, person: Person) => void])[] = [
  [70, (_, person) => person.edit()],
  [12, (world, person) => burst(world, person)],
  [5, (world, person) => world.cut(person)],
  [4, (world, person) => world.stall(person, world.random() * 45_000)],
  [3, (_, person) => person.disconnect()],
  [4, (_, person) => person.connect()],
  [3, (world, person) => goOffline(world, person)],
  [2, (_, person) => person.close()],
  [3, (world, person) => crashPage(world, person)],
  [6, (_, person) => person.open()],
  [2, (world) => world.crash(world.random() * 4_000)],
  [4, (world) => world.crashAtWork(world.random() * 4_000)],
  [1, (world) => world.restart()],
  [4, (world) => spoilDisk(world)],
  [3, (world) => slowDisk(world)],
  [2, (world) => everybodyLeaves(world)],
]

const TOTAL = HAPPENINGS.reduce((sum, [weight]) => sum + weight, 0)

/** Lives through the day that `seed` stands for. */
export async function troubledDay(clock: VirtualClock, seed: number): Promise<Outcome> {
  const random = randomFrom(seed ^ 0x5eed)
  const world = new World({
    clock,
    seed,
    documents: 1 + below(random, 2),
    people: 3 + below(random, 3),
    computeWorstMs: random() < 0.2 ? 2_000 : 20,
    distributeAfter: 2 + below(random, 6),
    // So that a small document meets everything a large one does: folds, threads, pieces, catching up, unloading.
    core: {
      roomIdleMs: pick(random, [150, 1_000, 5_000]),
      compactAfterUpdates: pick(random, [4, 20, 2_000]),
      compactAfterBytes: pick(random, [100, 1_000]),
      inlineDiffBytes: pick(random, [0, 300, 100_000]),
      behindBytes: pick(random, [100, 1_000, 100_000]),
      verifyOverBytes: pick(random, [30, 500]),
      maxHeldBytes: pick(random, [200, 100_000]),
      partBytes: pick(random, [20, 1_000]),
      retryCommitMaxMs: 2_000,
    },
  })
  world.server.start()
  for (const person of world.people) person.open()
  await world.pass(500)
  for (let step = 0; step < STEPS && !world.isOver; step++) {
    happening(world)(world, pick(world.random, world.people))
    await world.pass(pauseMs(world.random))
  }
  return world.heal()
}

function happening({ random }: World): (world: World, person: Person) => void {
  let left = random() * TOTAL
  for (const [weight, happen] of HAPPENINGS) {
    left -= weight
    if (left < 0) return happen
  }
  return () => undefined
}

/** Mostly no time at all, so that things happen while others are under way. */
function pauseMs(random: () => number): number {
  const kind = random()
  if (kind < 0.6) return random() * 15
  if (kind < 0.9) return random() * 300
  return kind < 0.98 ? random() * 3_000 : random() * 35_000
}

function burst(world: World, person: Person): void {
  for (let edits = 2 + below(world.random, 5); edits > 0; edits--) world.clock.in(edits, null, () => person.edit())
}

function goOffline(world: World, person: Person): void {
  const isToldSo = world.random() < 0.5
  world.setOnline(person, false)
  world.cut(person)
  if (isToldSo) person.setOnline(false)
  world.clock.in(world.random() * 20_000, null, () => {
    world.setOnline(person, true)
    if (isToldSo) person.setOnline(true)
  })
}

function crashPage(world: World, person: Person): void {
  world.cut(person)
  person.crash()
}

function spoilDisk(world: World): void {
  world.weather.trouble = world.random() < 0.5 ? 'storage-full' : 'storage-failed'
  world.weather.isUnreadable = world.random() < 0.3
  world.clock.in(world.random() * 6_000, null, () => {
    world.weather.trouble = null
    world.weather.isUnreadable = false
  })
}

function slowDisk(world: World): void {
  world.weather.worstMs = world.random() < 0.3 ? 2_000 : 60
  world.clock.in(world.random() * 5_000, null, () => {
    world.weather.worstMs = USUAL_DISK_MS
  })
}

function everybodyLeaves(world: World): void {
  for (const person of world.people) person.disconnect()
  world.clock.in(world.random() * 1_000, null, () => {
    for (const person of world.people) {
      person.edit()
      person.connect()
    }
  })
}
