/** A button that copies a text and says so on itself for a moment. */
import { html, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { icon } from '../look/icons.ts'

const SAID_FOR_MS = 2_000

export class CopyButton {
  readonly #host: ReactiveControllerHost
  #said = ''
  /** The text that was copied, where one button's state serves many. */
  #about = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
  }

  /** The button; `label` is what it says at rest. */
  render(label: string, text: string): TemplateResult {
    const said = this.#about === text ? this.#said : ''
    return html`<button type="button" class="copy" @click=${() => this.#copy(text)}>
      ${icon(said === 'Copied' ? 'check' : 'copy')}<span aria-live="polite">${said || label}</span>
    </button>`
  }

  async #copy(text: string): Promise<void> {
    this.#about = text
    try {
      await navigator.clipboard.writeText(text)
      this.#said = 'Copied'
    } catch {
      // Without the permission the field beside it is the way, and saying so is all that can be done.
      this.#said = 'Select it and copy'
    }
    this.#host.requestUpdate()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#said = ''
      this.#host.requestUpdate()
    }, SAID_FOR_MS)
  }
}
