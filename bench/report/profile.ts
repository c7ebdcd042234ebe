/** What Node's profiles say in a few lines: the functions that take the time, or allocate the memory. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Frame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface HeapNode {
  readonly callFrame: Frame
  readonly selfSize: number
  readonly children: readonly HeapNode[]
}

const LINES = 25

/** Functions below this part of the whole are left out. */
const LEAST_PART = 0.005

export type ProfileKind = 'cpu' | 'heap'

/** Arguments for a Node that writes a profile per thread into `folder` when it exits. */
export function profileArguments(kind: ProfileKind, folder: string): readonly string[] {
  return kind === 'cpu'
    ? ['--cpu-prof', '--cpu-prof-interval', '250', '--cpu-prof-dir', folder]
    : ['--heap-prof', '--heap-prof-interval', '32768', '--heap-prof-dir', folder]
}

/** One paragraph per profile in `folder`. */
export function summarise(folder: string): string {
  return readdirSync(folder)
    .toSorted()
    .map((name) => {
      const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile | { head: HeapNode }
      const weights = 'head' in profile ? heapWeights(profile.head) : cpuWeights(profile)
      return `${name}\n${top(weights, 'head' in profile ? 'MB' : 'ms')}`
    })
    .join('\n\n')
}

function cpuWeights({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, label(callFrame)]))
  const weights = new Map<string, number>()
  samples.forEach((id, at) => {
    const name = names.get(id) ?? '?'
    if (name === '(idle)' || name === '(root)') return
    weights.set(name, (weights.get(name) ?? 0) + (timeDeltas[at] ?? 0) / 1000)
  })
  return weights
}

function heapWeights(head: HeapNode): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  const visit = (node: HeapNode): void => {
    const name = label(node.callFrame)
    weights.set(name, (weights.get(name) ?? 0) + node.selfSize / 1e6)
    node.children.forEach(visit)
  }
  visit(head)
  return weights
}

function label({ functionName, url, lineNumber }: Frame): string {
  const file = url.split('/').slice(-2).join('/')
  const name = functionName === '' ? '(anonymous)' : functionName
  return file === '' ? name : `${name} ${file}:${lineNumber + 1}`
}

function top(weights: ReadonlyMap<string, number>, unit: string): string {
  const whole = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  const lines = [...weights]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .filter(([, weight]) => weight / whole >= LEAST_PART)
    .map(([name, weight]) => `  ${((100 * weight) / whole).toFixed(1).padStart(5)} %  ${name}`)
  return [`  whole: ${whole.toFixed(1)} ${unit}`, ...lines].join('\n')
}
