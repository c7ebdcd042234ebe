/** `<weft-ask>`: helps somebody who may not do enough to ask for more. There are no accounts, so it writes the message. */
import { html, LitElement, type TemplateResult } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'
import type { Role } from '../../shared/roles.ts'
import { icon } from '../look/icons.ts'
import { CopyButton } from './copy-button.ts'
import { askingMessage } from './share-words.ts'

export class AskDialog extends LitElement {
  readonly #dialog = createRef<HTMLDialogElement>()
  readonly #copy = new CopyButton(this)
  #message = ''

  /** Shows the message of somebody called `name` who has `role`, or no access at all. */
  open({ title, name, role }: { readonly title: string; readonly name: string; readonly role: Role | null }): void {
    this.#message = askingMessage({ title, name, role, url: location.origin + location.pathname })
    this.requestUpdate()
    this.#dialog.value?.showModal()
  }

  /** The page's own stylesheet reaches it: there is nothing here to protect from an embedder. */
  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render(): TemplateResult {
    return html`<dialog ${ref(this.#dialog)} class="window small" aria-labelledby="ask-title">
      <header>
        <h2 id="ask-title">Ask for access</h2>
        <button type="button" aria-label="Close" @click=${this.#close}>${icon('close')}</button>
      </header>
      <p>Send this to whoever shared the document with you. They can make a link that lets you do more.</p>
      <textarea class="field" rows="8" readonly aria-label="Message" .value=${this.#message}></textarea>
      <div class="row">${this.#copy.render('Copy message', this.#message)}</div>
    </dialog>`
  }

  readonly #close = (): void => this.#dialog.value?.close()
}
