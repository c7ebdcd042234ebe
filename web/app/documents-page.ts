/** `<weft-documents>`: finds, opens and creates documents. */
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { DocumentSummary } from '../../shared/rest.ts'
import { icon } from '../look/icons.ts'
import { deviceStorage } from '../editor/visitor.ts'
import { createDocument, listDocuments, reasonOf, RequestError } from './api.ts'
import { pathOfDocument } from './document-path.ts'
import { loadRecent } from './recent-documents.ts'
import { describeAge } from './time.ts'

/** Ages are in minutes at best. */
const REDRAW_MS = 30_000

const UNAUTHORIZED = 401

/** One line of the list, wherever it came from. */
interface Row {
  readonly document: string
  readonly title: string
  readonly timeMs: number
}

type Listing =
  | { readonly name: 'loading' }
  | { readonly name: 'loaded'; readonly documents: readonly DocumentSummary[] }
  /** The server shows documents to those they were shared with, and the page has no token. */
  | { readonly name: 'private' }
  | { readonly name: 'failed'; readonly reason: string }

interface PageState {
  readonly listing: Listing
  readonly query: string
  readonly isCreating: boolean
  /** Why the last creation failed; empty when it did not. */
  readonly createFailure: string
}

export class DocumentsPage extends LitElement {
  #state: PageState = { listing: { name: 'loading' }, query: '', isCreating: false, createFailure: '' }
  #timer: ReturnType<typeof setInterval> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#timer = setInterval(() => this.requestUpdate(), REDRAW_MS)
    window.addEventListener('online', this.#reload)
    window.addEventListener('pageshow', this.#refresh)
    this.#reload()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#timer)
    window.removeEventListener('online', this.#reload)
    window.removeEventListener('pageshow', this.#refresh)
  }

  /** The page's own stylesheet reaches it: there is nothing here to protect from an embedder. */
  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render(): TemplateResult {
    return html`<header class="page-head">
        <a class="mark" href="/" aria-label="Weft"></a><span class="wordmark">Weft</span>
        ${this.#state.listing.name === 'private' ? nothing : this.#renderCreate()}
      </header>
      <main class="documents">
        <h1>Documents</h1>
        ${this.#state.createFailure === '' ? nothing : html`<p class="problem" role="alert">${this.#state.createFailure}</p>`}
        <form role="search" class="search" @submit=${this.#openTyped}>
          ${icon('search')}
          <input
            class="field"
            type="search"
            aria-label="Find a document, or open one by its name"
            placeholder="Find or open by name"
            autocomplete="off"
            spellcheck="false"
            .value=${this.#state.query}
            @input=${(event: InputEvent) => this.#show({ query: (event.target as HTMLInputElement).value })}
          />
        </form>
        ${this.#renderListing()}
      </main>`
  }

  #renderCreate(): TemplateResult {
    return html`<button type="button" class="primary end" ?disabled=${this.#state.isCreating} @click=${this.#create}>
      ${icon('plus')}<span>New document</span>
    </button>`
  }

  #renderListing(): TemplateResult {
    const { listing } = this.#state
    switch (listing.name) {
      case 'loading':
        return html`<div class="list skeleton" role="img" aria-label="Loading the documents">
          ${[1, 2, 3, 4].map(() => html`<div class="document"><i></i><i class="short"></i></div>`)}
        </div>`
      case 'private':
        return this.#renderPrivate()
      case 'failed':
        return this.#renderFailure(listing.reason)
      case 'loaded': {
        const rows = listing.documents
          .toSorted((a, b) => b.updatedAtMs - a.updatedAtMs)
          .map(({ document, title, updatedAtMs }) => ({ document, title, timeMs: updatedAtMs }))
        if (rows.length === 0 && this.#state.query.trim() === '') return this.#renderEmpty()
        return this.#renderRows(rows, 'Changed')
      }
    }
  }

  #renderRows(rows: readonly Row[], verb: string): TemplateResult {
    const typed = this.#state.query.trim()
    const wanted = typed.toLocaleLowerCase()
    const found = rows.filter(({ document, title }) => `${title}\n${document}`.toLocaleLowerCase().includes(wanted))
    const isName = typed !== '' && !rows.some(({ document }) => document === typed)
    return html`<ul class="list" aria-label="Documents">
        ${repeat(
          found,
          ({ document }) => document,
          (row) => renderRow(row, verb),
        )}
        ${isName ? renderByName(typed) : nothing}
      </ul>
      <p class="unseen" role="status">${typed === '' ? '' : `${found.length} found`}</p>`
  }

  #renderEmpty(): TemplateResult {
    return html`<div class="blank">
      <span class="sign">${icon('document')}</span>
      <h2>No documents yet</h2>
      <p>Start one, and share its link with whoever should write with you.</p>
      <button type="button" class="primary" ?disabled=${this.#state.isCreating} @click=${this.#create}>
        New document
      </button>
    </div>`
  }

  #renderPrivate(): TemplateResult {
    const rows = recentRows()
    if (rows.length > 0 || this.#state.query.trim() !== '') return this.#renderRows(rows, 'Opened')
    return html`<div class="blank">
      <span class="sign">${icon('lock')}</span>
      <h2>Documents here are private</h2>
      <p>Each opens by the link it was shared with. Those you open on this device are listed here.</p>
    </div>`
  }

  #renderFailure(reason: string): TemplateResult {
    const rows = recentRows()
    return html`<div class="notice" role="alert">
        <p>
          <b>The list can’t be loaded.</b> ${reason}
          ${rows.length > 0 ? 'What you opened on this device still opens.' : ''}
        </p>
        <button type="button" @click=${this.#reload}>Try again</button>
      </div>
      ${rows.length === 0 && this.#state.query.trim() === '' ? nothing : this.#renderRows(rows, 'Opened')}`
  }

  #show(change: Partial<PageState>): void {
    this.#state = { ...this.#state, ...change }
    this.requestUpdate()
  }

  /** Not awaited: `#load` has no failure that it does not show. */
  readonly #reload = (): void => void this.#load()

  readonly #refresh = ({ persisted }: PageTransitionEvent): void => {
    // A page that comes back out of the browser's memory is as old as when it was left.
    if (persisted) this.#reload()
  }

  async #load(): Promise<void> {
    try {
      this.#show({ listing: { name: 'loaded', documents: await listDocuments() } })
    } catch (thrown) {
      const isPrivate = thrown instanceof RequestError && thrown.status === UNAUTHORIZED
      this.#show({ listing: isPrivate ? { name: 'private' } : { name: 'failed', reason: reasonOf(thrown) } })
    }
  }

  readonly #create = async (): Promise<void> => {
    this.#show({ isCreating: true, createFailure: '' })
    try {
      location.assign(pathOfDocument(await createDocument()))
    } catch (thrown) {
      this.#show({ createFailure: `The document was not created. ${reasonOf(thrown)}` })
    } finally {
      this.#show({ isCreating: false })
    }
  }

  readonly #openTyped = (event: SubmitEvent): void => {
    event.preventDefault()
    const first = this.querySelector<HTMLAnchorElement>('.list a')
    if (this.#state.query.trim() !== '' && first !== null) location.assign(first.href)
  }
}

function recentRows(): readonly Row[] {
  return loadRecent(deviceStorage()).map((recent) => ({ ...recent, timeMs: recent.openedAtMs }))
}

function renderRow({ document, title, timeMs }: Row, verb: string): TemplateResult {
  const age = describeAge(timeMs, Date.now())
  return html`<li>
    <a class="document" href=${pathOfDocument(document)}>
      ${icon('document')}
      <span class="name"><b>${title || document}</b>${title === '' ? nothing : html`<small>${document}</small>`}</span>
      <time datetime=${new Date(timeMs).toISOString()} title=${new Date(timeMs).toLocaleString()}
        ><span class="unseen">${verb}</span> ${age}</time
      >
    </a>
  </li>`
}

function renderByName(name: string): TemplateResult {
  return html`<li>
    <a class="document" href=${pathOfDocument(name)}>
      ${icon('plus')}<span class="name"
        ><b>Open “${name}”</b><small>Opens the document of this name, or starts it</small></span
      >
    </a>
  </li>`
}
