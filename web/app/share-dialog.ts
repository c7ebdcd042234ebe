/** `<weft-share>`: who may do what in the document, the links that let people in, and the code that embeds it. */
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'
import type { NewShareLink, Person, ShareLink, ShareLinkChange } from '../../shared/rest.ts'
import { icon } from '../look/icons.ts'
import { type DocumentApi, reasonOf, RequestError } from './api.ts'
import { CopyButton } from './copy-button.ts'
import { renderLinkForm } from './share-form.ts'
import { renderLinks } from './share-links.ts'
import { renderPeople } from './share-people.ts'
import { embedCode } from './share-words.ts'

type Content =
  | { readonly name: 'loading' }
  | { readonly name: 'loaded'; readonly links: readonly ShareLink[]; readonly people: readonly Person[] }
  /** The person may not share. */
  | { readonly name: 'barred' }
  | { readonly name: 'failed'; readonly reason: string }

interface DialogState {
  readonly content: Content
  /** URLs of links made while this page is open, by the link's id: the server tells each of them once. */
  readonly urls: ReadonlyMap<string, string>
  /** The link whose revocation waits for a yes. */
  readonly asking: string | null
  /** A request is under way; another would race it. */
  readonly isBusy: boolean
  readonly news: string
  /** Why the last request was not carried out; empty when it was. */
  readonly failure: string
}

const FRESH: Omit<DialogState, 'urls'> = {
  content: { name: 'loading' },
  asking: null,
  isBusy: false,
  news: '',
  failure: '',
}

export class ShareDialog extends LitElement {
  /** The document's; to be set before `open`. */
  api: DocumentApi | null = null
  /** The document's name. */
  document = ''
  /** Whether the server lets everybody in. */
  isOpen: () => boolean = () => false
  readonly #dialog = createRef<HTMLDialogElement>()
  readonly #copyCode = new CopyButton(this)
  readonly #copyLink = new CopyButton(this)
  readonly #copyAddress = new CopyButton(this)
  #state: DialogState = { ...FRESH, urls: new Map() }

  /** Shows the dialog with everything as it is now. */
  open(): void {
    this.#show(FRESH)
    this.#dialog.value?.showModal()
    void this.#load()
  }

  /** The page's own stylesheet reaches it: there is nothing here to protect from an embedder. */
  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render(): TemplateResult {
    const { news, failure } = this.#state
    return html`<dialog ${ref(this.#dialog)} class="window" aria-labelledby="share-title" @click=${this.#closeOutside}>
      <header>
        <h2 id="share-title">Share</h2>
        <button type="button" aria-label="Close" @click=${this.#close}>${icon('close')}</button>
      </header>
      <p class="news" role="status" ?hidden=${news === ''}>${news}</p>
      ${failure === '' ? nothing : html`<p class="problem" role="alert">${failure}</p>`}
      <div class="row made">
        <p class="help">Whoever has access already opens the document at its own address.</p>
        ${this.#copyAddress.render('Copy address', location.origin + location.pathname)}
      </div>
      ${this.#renderContent()}
    </dialog>`
  }

  #renderContent(): TemplateResult {
    const { content } = this.#state
    switch (content.name) {
      case 'loading':
        return html`<div class="skeleton" role="img" aria-label="Loading who has access">
          ${[1, 2, 3].map(() => html`<div class="entry"><i></i></div>`)}
        </div>`
      case 'failed':
        return html`<div class="notice" role="alert">
          <p><b>Who has access can’t be loaded.</b> ${content.reason}</p>
          <button type="button" @click=${() => this.#load()}>Try again</button>
        </div>`
      case 'barred':
        return html`<div class="barred">
          <span class="sign">${icon('lock')}</span>
          <h3>Only owners can share this document</h3>
          <p class="help">Ask one of them to make a link for whoever should come.</p>
        </div>`
      case 'loaded':
        return this.#renderSharing(content)
    }
  }

  #renderSharing({ links, people }: Extract<Content, { readonly name: 'loaded' }>): TemplateResult {
    const { urls, asking, isBusy } = this.#state
    return html`${this.isOpen() ? renderOpenness() : nothing}${renderLinkForm({ isBusy, onMake: this.#make })}
      ${renderLinks(links, {
        urls,
        asking,
        isBusy,
        nowMs: Date.now(),
        copy: this.#copyLink,
        onAsk: (id) => this.#show({ asking: id }),
        onChange: this.#change,
        onRevoke: this.#revoke,
      })}
      ${renderPeople(people, links, Date.now())}
      <section>
        <h3 id="embed-title">Embed</h3>
        <p class="help">Puts the editor into any page. The token comes from your server, or is that of a link.</p>
        <pre class="code" tabindex="0" role="group" aria-labelledby="embed-title"><code>${this.#embedCode}</code></pre>
        ${this.#copyCode.render('Copy code', this.#embedCode)}
      </section>`
  }

  get #embedCode(): string {
    return embedCode(location.origin, this.document)
  }

  async #load(): Promise<void> {
    const { api } = this
    if (api === null) return
    try {
      const [links, people] = await Promise.all([api.listLinks(), api.listPeople()])
      this.#show({ content: { name: 'loaded', links, people } })
    } catch (thrown) {
      const isBarred = thrown instanceof RequestError && thrown.status === 403
      this.#show({ content: isBarred ? { name: 'barred' } : { name: 'failed', reason: reasonOf(thrown) } })
    }
  }

  readonly #make = (wanted: NewShareLink): void => {
    void this.#request('No link was made.', async (api) => {
      const { link, url } = await api.makeLink(wanted)
      this.#show({
        urls: new Map(this.#state.urls).set(link.id, url),
        news: 'The link is made. Copy it now: it is shown this once.',
      })
    })
  }

  readonly #change = (link: ShareLink, change: ShareLinkChange): void => {
    void this.#request('Nothing was changed.', async (api) => {
      await api.changeLink(link.id, change)
      this.#show({ news: 'Changed. Whoever came by that link feels it at once.' })
    })
  }

  readonly #revoke = (link: ShareLink): void => {
    void this.#request('The link was not revoked.', async (api) => {
      await api.revokeLink(link.id)
      this.#show({ asking: null, news: 'The link is revoked. Nobody comes in by it, and who had is sent out.' })
    })
  }

  /** Carries out one request and shows everything as it is after it, whatever came of it. Does not reject. */
  async #request(failure: string, work: (api: DocumentApi) => Promise<void>): Promise<void> {
    if (this.api === null || this.#state.isBusy) return
    this.#show({ isBusy: true, failure: '', news: '' })
    try {
      await work(this.api)
    } catch (thrown) {
      this.#show({ failure: `${failure} ${reasonOf(thrown)}` })
    }
    await this.#load()
    this.#show({ isBusy: false })
  }

  #show(change: Partial<DialogState>): void {
    this.#state = { ...this.#state, ...change }
    this.requestUpdate()
  }

  readonly #close = (): void => this.#dialog.value?.close()

  readonly #closeOutside = ({ target }: MouseEvent): void => {
    // The backdrop belongs to the dialog element itself; everything drawn in it is a child.
    if (target === this.#dialog.value) this.#close()
  }
}

/** What links are worth on a server that lets everybody in. */
function renderOpenness(): TemplateResult {
  return html`<p class="notice">
    This server lets everybody in: whoever knows the address may do everything. A link says what its holder may do, and
    keeps nobody else out.
  </p>`
}
