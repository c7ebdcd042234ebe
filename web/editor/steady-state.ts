/**
 * The client's state as it is told to people: without the moments in which the last changes are on their way into the
 * browser's database. It knows neither the client nor the element.
 */
import type { ClientState } from '../client/types.ts'

/** A change is in the database within milliseconds; to say of each that it is not there yet would flicker. */
const ON_THE_WAY_MS = 300

export class SteadyState {
  #state: ClientState
  /** The last state in which the device had everything that was unsaved. */
  #kept: ClientState | null = null
  #unkeptSinceMs: number | null = null

  constructor(state: ClientState, nowMs: number) {
    this.#state = state
    this.take(state, nowMs)
  }

  take(state: ClientState, nowMs: number): void {
    this.#state = state
    if (state.keptOnDevice) this.#kept = state
    this.#unkeptSinceMs = state.keptOnDevice ? null : (this.#unkeptSinceMs ?? nowMs)
  }

  /** The state now. While the last changes are on their way it counts those before them, which are on the device. */
  at(nowMs: number): ClientState {
    const state = this.#state
    const isOnTheWay = this.#unkeptSinceMs !== null && nowMs - this.#unkeptSinceMs < ON_THE_WAY_MS
    // On a live connection a change is told at once, wherever it is: nothing else keeps "saved" from being said.
    if (this.#kept === null || !isOnTheWay || state.connection.name === 'live') return state
    return { ...state, unsaved: this.#kept.unsaved, keptOnDevice: true }
  }
}
