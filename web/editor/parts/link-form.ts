/** The link button and the small form that sets, changes and removes the link at the selection. */
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'
import { parseLinkAddress } from '../link-address.ts'
import type { EditingSurface } from '../types.ts'
import { icon } from '../../look/icons.ts'
import { openPopup } from './popup.ts'

export class LinkForm {
  readonly #host: ReactiveControllerHost
  readonly #button = createRef<HTMLButtonElement>()
  readonly #panel = createRef<HTMLElement>()
  readonly #input = createRef<HTMLInputElement>()
  #close: (() => void) | null = null
  #isRefused = false

  constructor(host: ReactiveControllerHost) {
    this.#host = host
  }

  render(
    surface: EditingSurface | null,
    { enabled, tabIndex, title }: { enabled: boolean; tabIndex: number; title: string },
  ): TemplateResult {
    const current = surface?.activeLink ?? null
    return html`<button
        ${ref(this.#button)}
        part="button"
        type="button"
        data-item="link"
        tabindex=${tabIndex}
        aria-label="Link"
        aria-haspopup="dialog"
        aria-expanded=${this.#close !== null}
        aria-pressed=${current !== null}
        aria-disabled=${!enabled}
        title=${title}
        @click=${() => enabled && this.toggle(surface)}
      >
        ${icon('link')}
      </button>
      <div ${ref(this.#panel)} part="popover" class="panel" popover="manual" role="dialog" aria-label="Link">
        <form class="row" novalidate @submit=${(event: SubmitEvent) => this.#apply(event, surface)}>
          <input
            ${ref(this.#input)}
            class="field"
            type="text"
            inputmode="url"
            autocomplete="url"
            autocapitalize="none"
            spellcheck="false"
            aria-label="Address"
            placeholder="Paste or type an address"
            aria-invalid=${this.#isRefused}
            aria-describedby="link-help"
            @input=${() => this.#refuse(false)}
          />
          <button type="submit" class="primary">Apply</button>
          ${
            current === null
              ? nothing
              : html`<button type="button" @click=${() => this.#set(surface, null)}>Remove</button>`
          }
        </form>
        <p class="help" id="link-help" role="alert" ?hidden=${!this.#isRefused}>That is no web or e-mail address.</p>
      </div>`
  }

  /** Opens the form with the present link, or closes it. */
  toggle(surface: EditingSurface | null): void {
    const [button, panel, input] = [this.#button.value, this.#panel.value, this.#input.value]
    if (this.#close !== null) return this.#close()
    if (button === undefined || panel === undefined || input === undefined) return
    input.value = surface?.activeLink ?? ''
    this.#close = openPopup(panel, button, {
      onClose: (returnsFocus) => {
        this.#close = null
        this.#isRefused = false
        this.#host.requestUpdate()
        if (returnsFocus) surface?.focus()
      },
    })
    this.#host.requestUpdate()
    input.select()
    input.focus()
  }

  #apply(event: SubmitEvent, surface: EditingSurface | null): void {
    event.preventDefault()
    const typed = this.#input.value?.value ?? ''
    if (typed.trim() === '') return this.#set(surface, null)
    const address = parseLinkAddress(typed)
    if (address === null) return this.#refuse(true)
    this.#set(surface, address)
  }

  #set(surface: EditingSurface | null, address: string | null): void {
    this.#close?.()
    surface?.exec('link', address)
    surface?.focus()
  }

  #refuse(isRefused: boolean): void {
    this.#isRefused = isRefused
    this.#host.requestUpdate()
  }
}
