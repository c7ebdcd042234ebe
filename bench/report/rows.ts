/** The rows of the table: which measure of which scenario, and what it has to be. Docs and README quote these rows. */

/** Everything a rule may compare with, as medians over the rounds; ratios are medians of each round's ratio. */
export interface Standing {
  readonly ours: number
  /** Ours divided by the relay's. */
  readonly overFloor: number
  /** Ours divided by Hocuspocus'. */
  readonly overHocuspocus: number
  /** Another measure of ours in the same scenario. */
  measure(name: string): number
}

export interface Rule {
  readonly text: string
  holds(standing: Standing): boolean
}

export interface Row {
  readonly id: string
  readonly scenario: string
  readonly label: string
  readonly measure: string
  /** Turns the measure into what is printed. */
  readonly scale?: number
  readonly digits: number
  readonly must: readonly Rule[]
  readonly should: readonly Rule[]
}

const atMost = (limit: number, scale = 1): Rule => ({
  text: `≤ ${limit}`,
  holds: ({ ours }) => ours * scale <= limit,
})
const atMostFloor = (factor: number): Rule => ({
  text: `≤ ${factor}× floor`,
  holds: ({ overFloor }) => overFloor <= factor,
})
const atMostHocuspocus = (factor: number): Rule => ({
  text: `≤ ${factor}× Hocuspocus`,
  holds: ({ overHocuspocus }) => overHocuspocus <= factor,
})
const atLeastHocuspocus = (factor: number): Rule => ({
  text: `≥ ${factor}× Hocuspocus`,
  holds: ({ overHocuspocus }) => overHocuspocus >= factor,
})
const isOne = (measure: string, text: string): Rule => ({ text, holds: (standing) => standing.measure(measure) === 1 })
const measureAtMost = (measure: string, limit: number, text: string): Rule => ({
  text,
  holds: (standing) => standing.measure(measure) <= limit,
})

const allDelivered = isOne('isComplete', 'all delivered')
const MB = 1e-6

export const rows: readonly Row[] = [
  {
    id: 'S1',
    scenario: 'S1',
    label: 'one room, 50 typists at 5/s, µs/delivery',
    measure: 'microsecondsPerDelivery',
    digits: 1,
    must: [atMostHocuspocus(1), atMostFloor(1.4), allDelivered],
    should: [atMostHocuspocus(0.7), atMostFloor(1.1)],
  },
  {
    id: 'S1',
    scenario: 'S1',
    label: 'latency p50, ms',
    measure: 'p50Ms',
    digits: 1,
    must: [atMost(5)],
    should: [atMost(1)],
  },
  {
    id: 'S1',
    scenario: 'S1',
    label: 'latency p99, ms',
    measure: 'p99Ms',
    digits: 1,
    must: [atMost(15)],
    should: [atMost(5)],
  },
  {
    id: 'S1',
    scenario: 'S1',
    label: 'saturation, updates in per CPU-s',
    measure: 'updatesPerCpuSecond',
    digits: 0,
    must: [atLeastHocuspocus(3)],
    should: [atLeastHocuspocus(6)],
  },
  {
    id: 'S2',
    scenario: 'S2',
    label: '500 rooms × 2 at 5/s, µs/update',
    measure: 'microsecondsPerUpdate',
    digits: 1,
    must: [atMostHocuspocus(0.75), allDelivered],
    should: [atMostHocuspocus(0.5)],
  },
  {
    id: 'S2',
    scenario: 'S2',
    label: 'saturation, updates per CPU-s',
    measure: 'updatesPerCpuSecond',
    digits: 0,
    must: [atLeastHocuspocus(3.5)],
    should: [atLeastHocuspocus(8)],
  },
  {
    id: 'S2',
    scenario: 'S2',
    label: 'bytes written per byte of update',
    measure: 'writtenPerByte',
    digits: 1,
    must: [atMost(25)],
    should: [atMost(12)],
  },
  {
    id: 'S3',
    scenario: 'S8',
    label: 'cold open of the paper, CPU ms',
    measure: 'openCpuMs',
    digits: 0,
    must: [atMost(60), measureAtMost('sentOverState', 1.5, 'sent once'), isOne('isWhole', 'whole')],
    should: [atMost(15)],
  },
  {
    id: 'S4',
    scenario: 'S4',
    label: 'memory per open 10 kB document, kB',
    measure: 'kilobytesPerDocument',
    digits: 0,
    must: [atMost(75)],
    should: [atMost(40)],
  },
  {
    id: 'S4',
    scenario: 'S4',
    label: 'memory 60 s after all were closed, × idle',
    measure: 'closedOverIdle',
    digits: 2,
    must: [atMost(2)],
    should: [atMost(1.3)],
  },
  {
    id: 'S5',
    scenario: 'S5',
    label: '1,000 reconnect at once, CPU s',
    measure: 'cpuSeconds',
    digits: 2,
    must: [atMostHocuspocus(0.65), measureAtMost('pushedBytes', 0, 'nothing re-pushed')],
    should: [atMostHocuspocus(0.45)],
  },
  {
    id: 'S6',
    scenario: 'S6',
    label: 'updates left of 1,000 after SIGKILL',
    measure: 'updatesLeft',
    digits: 0,
    must: [{ text: '= 1,000', holds: ({ ours }) => ours === 1_000 }],
    should: [],
  },
  {
    id: 'S7',
    scenario: 'S7',
    label: '200 moving cursors, µs/delivery',
    measure: 'microsecondsPerDelivery',
    digits: 2,
    must: [atMostHocuspocus(0.25), allDelivered],
    should: [atMostHocuspocus(0.12)],
  },
  {
    id: 'S8',
    scenario: 'S8',
    label: '260k edits one by one, updates per CPU-s',
    measure: 'updatesPerCpuSecond',
    digits: 0,
    must: [atLeastHocuspocus(3)],
    should: [atLeastHocuspocus(5)],
  },
  {
    id: 'S8',
    scenario: 'S8',
    label: 'the same with all work done when idle',
    measure: 'updatesPerCpuSecondUntilIdle',
    digits: 0,
    must: [],
    should: [],
  },
  {
    id: 'S8',
    scenario: 'S8',
    label: 'MB on disk when idle',
    measure: 'diskBytes',
    scale: MB,
    digits: 2,
    must: [atMost(2, MB)],
    should: [atMost(0.8, MB)],
  },
  {
    id: 'S9',
    scenario: 'S9',
    label: 'S1 touched by 5,000, updates per CPU-s',
    measure: 'updatesPerCpuSecond',
    digits: 0,
    must: [atLeastHocuspocus(100), allDelivered],
    should: [atLeastHocuspocus(250)],
  },
  {
    id: 'S10',
    scenario: 'S10',
    label: '200 typists in one room at 5/s, µs/delivery',
    measure: 'microsecondsPerDelivery',
    digits: 2,
    must: [atMostHocuspocus(0.7), measureAtMost('p99Ms', 30, 'p99 ≤ 30 ms'), allDelivered],
    should: [atMostHocuspocus(0.5)],
  },
]
