/** The headings beside the text, the one being read marked. */
import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import type { EditingSurface } from '../types.ts'

/** Pixels below the top of the window where reading is taken to happen: under header, toolbar and the heading's own margin. */
const READING_LINE = 170

/** Levels below the document's highest that are indented; deeper ones are set under the last of them. */
const MAX_INDENT = 2

export class Outline implements ReactiveController {
  readonly #host: ReactiveControllerHost
  #surface: EditingSurface | null = null
  #current = 0
  #frame = 0

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    // Captured, because the text may scroll in a box of the embedder's, and scrolling does not bubble.
    document.addEventListener('scroll', this.#onScroll, { capture: true, passive: true })
  }

  hostDisconnected(): void {
    document.removeEventListener('scroll', this.#onScroll, { capture: true })
    cancelAnimationFrame(this.#frame)
  }

  /** The list of headings; nothing where there are none, or no surface. */
  render(surface: EditingSurface | null): TemplateResult | typeof nothing {
    this.#surface = surface
    const headings = surface?.outline ?? []
    if (headings.length === 0) return nothing
    const top = Math.min(...headings.map(({ level }) => level))
    return html`<nav part="outline" class="outline" aria-label="Contents">
      ${headings.map(
        ({ text, level, go }, index) =>
          html`<button
            type="button"
            class="level-${Math.min(level - top, MAX_INDENT)}"
            aria-current=${index === this.#current ? 'location' : nothing}
            @click=${go}
          >
            ${text.trim() || 'Untitled'}
          </button>`,
      )}
    </nav>`
  }

  readonly #onScroll = (): void => {
    if (this.#surface === null) return
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => this.#follow())
  }

  #follow(): void {
    const all = this.#surface?.view.dom.querySelectorAll('h1, h2, h3, h4, h5, h6') ?? []
    const headings = [...all].filter(({ textContent }) => textContent !== '')
    const below = headings.findIndex((heading) => heading.getBoundingClientRect().top > READING_LINE)
    const current = Math.max(0, (below < 0 ? headings.length : below) - 1)
    if (current === this.#current) return
    this.#current = current
    this.#host.requestUpdate()
  }
}
