/** The one polite live region: who came and went, and whether the connection holds. Batched, so that it never chatters. */
import { html, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { describeArrivals, type Person } from '../presence.ts'

/** Long enough that a reload or a passing gap in the network is no news. */
const BATCH_MS = 1_500

export interface Moment {
  readonly people: readonly Person[]
  /** What is wrong with the connection or the person's rights, in a few words; null while nothing is. */
  readonly trouble: string | null
  readonly mayEdit: boolean
}

export class Announcer {
  readonly #host: ReactiveControllerHost
  #told: Moment | null = null
  #now: Moment | null = null
  #words = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
  }

  render(): TemplateResult {
    return html`<div class="unseen" role="status" aria-live="polite">${this.#words}</div>`
  }

  /** Takes note of how things stand; what differs from the last announcement is said in a while. */
  note(moment: Moment): void {
    // What is there at the start is no news.
    this.#told ??= moment
    this.#now = moment
    this.#timer ??= setTimeout(() => this.#tell(), BATCH_MS)
  }

  /** Forgets everything, for another document or the end. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#told = null
    this.#now = null
    this.#words = ''
  }

  #tell(): void {
    this.#timer = undefined
    const [before, now] = [this.#told, this.#now]
    if (before === null || now === null) return
    this.#told = now
    const words = [describeArrivals(before.people, now.people), describeTurn(before, now)]
    const news = words.filter((sentence) => sentence !== '').join(' ')
    if (news === '') return
    this.#words = news
    this.#host.requestUpdate()
  }
}

function describeTurn(before: Moment, now: Moment): string {
  if (now.trouble !== null) return now.trouble === before.trouble ? '' : now.trouble
  if (before.trouble === null) return ''
  return now.mayEdit && !before.mayEdit ? 'You can edit this document now.' : 'Connected again.'
}
