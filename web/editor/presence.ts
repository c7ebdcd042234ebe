/** Who is here, read from awareness states that anyone may have written; knows no DOM. */

/** One person, however many tabs they have open. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly color: string
  readonly isSelf: boolean
  /** All of their tabs are hidden or untouched for a while. */
  readonly isIdle: boolean
  /** Their Yjs client ids, one for each tab. */
  readonly clientIds: readonly number[]
}

const MAX_NAME_LENGTH = 64

/** For people whose client sent no colour that white text is known to be readable on. */
const NEUTRAL_COLOR = '#5f5b54'

/** Awareness field that says nobody touches that tab. */
export const IDLE_FIELD = 'idle'

/** The people behind `states`, in order of arrival with the visitor last; the same user id counts once. */
export function peopleIn(states: ReadonlyMap<number, unknown>, ownClientId: number): readonly Person[] {
  const people = new Map<string, Person>()
  for (const [clientId, state] of states) {
    const user = field(state, 'user')
    if (user === undefined) continue
    const id = text(field(user, 'id')) || `client ${clientId}`
    const isIdle = field(state, IDLE_FIELD) === true
    const known = people.get(id)
    const color = text(field(user, 'color'))
    people.set(id, {
      id,
      name: known?.name ?? (text(field(user, 'name')).slice(0, MAX_NAME_LENGTH) || 'Guest'),
      color: known?.color ?? (/^#[0-9a-f]{6}$/i.test(color) ? color : NEUTRAL_COLOR),
      isSelf: known?.isSelf === true || clientId === ownClientId,
      isIdle: isIdle && known?.isIdle !== false,
      clientIds: [...(known?.clientIds ?? []), clientId],
    })
  }
  return [...people.values()].sort((a, b) => Number(a.isSelf) - Number(b.isSelf))
}

/** One or two letters that stand for a name on an avatar. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const first = firstLetter(words[0] ?? '')
  const last = words.length > 1 ? firstLetter(words.at(-1) ?? '') : ''
  return (first + last).toUpperCase() || '?'
}

/** A sentence or two about who came and who went; empty when nobody did. The visitor is never news. */
export function describeArrivals(before: readonly Person[], after: readonly Person[]): string {
  const came = after.filter((person) => !person.isSelf && !before.some(({ id }) => id === person.id))
  const went = before.filter((person) => !person.isSelf && !after.some(({ id }) => id === person.id))
  return [describeGroup(came, 'joined'), describeGroup(went, 'left')].filter((words) => words !== '').join(' ')
}

function describeGroup(people: readonly Person[], verb: string): string {
  const [first, second] = people
  if (first === undefined) return ''
  if (second === undefined) return `${first.name} ${verb}.`
  if (people.length === 2) return `${first.name} and ${second.name} ${verb}.`
  return `${people.length} people ${verb}.`
}

function firstLetter(word: string): string {
  const [first] = new Intl.Segmenter().segment(word)
  return first?.segment ?? ''
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Reflect.get(value, name)
}
