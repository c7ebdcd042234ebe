/**
 * The person at this device, shown to others through the awareness field `user`.
 * It knows nothing of the connection; what others put in their states is not trusted to have any shape.
 */
import type { Awareness } from 'y-protocols/awareness'
import { colorOf } from '../../shared/colors.ts'
import type { User } from './types.ts'

/** Keeps the awareness field `user` up to date, and its colour apart from other people's unless one was chosen. */
export class LocalUser {
  readonly #awareness: Awareness
  #user: User
  #isColorChosen: boolean

  constructor(awareness: Awareness, given: Partial<User>, loadId: () => string) {
    this.#awareness = awareness
    const id = given.id ?? loadId()
    this.#user = { id, name: given.name ?? '', color: given.color ?? colorOf(id) }
    this.#isColorChosen = given.color !== undefined
    awareness.setLocalStateField('user', this.#user)
    awareness.on('change', this.#avoidTakenColor)
  }

  get value(): User {
    return this.#user
  }

  change(changes: Partial<User>): void {
    this.#isColorChosen ||= changes.color !== undefined
    const color = this.#isColorChosen || changes.id === undefined ? this.#user.color : colorOf(changes.id)
    this.#show({ ...this.#user, color, ...changes })
  }

  stop(): void {
    this.#awareness.off('change', this.#avoidTakenColor)
  }

  /** Of two people with one colour the one with the higher client id gives way, so that only one of them changes. */
  readonly #avoidTakenColor = (): void => {
    if (this.#isColorChosen) return
    const taken = new Set<string>()
    let mustGiveWay = false
    for (const [clientId, state] of this.#awareness.getStates()) {
      const other = userIn(state)
      if (other === null || other.id === this.#user.id) continue
      taken.add(other.color)
      mustGiveWay ||= other.color === this.#user.color && clientId < this.#awareness.clientID
    }
    if (!mustGiveWay) return
    const color = colorOf(this.#user.id, taken)
    if (!taken.has(color)) this.#show({ ...this.#user, color })
  }

  #show(user: User): void {
    this.#user = user
    this.#awareness.setLocalStateField('user', user)
  }
}

function userIn(state: Record<string, unknown>): { readonly id: string; readonly color: string } | null {
  const user = state['user']
  if (typeof user !== 'object' || user === null) return null
  const { id, color } = user as Record<string, unknown>
  return typeof id === 'string' && typeof color === 'string' ? { id, color } : null
}
