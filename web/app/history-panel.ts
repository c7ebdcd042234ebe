/** `<weft-history>`: who changed the document when, and the way back to any of it. */
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'
import type { TimelineEntry } from '../../shared/rest.ts'
import { colorOf } from '../../shared/colors.ts'
import { icon } from '../look/icons.ts'
import { initials } from '../editor/presence.ts'
import { type DocumentApi, reasonOf } from './api.ts'
import { printDay, printTime } from './time.ts'
import { countChanges, daysOf, printSpan } from './timeline.ts'

type Listing =
  | { readonly name: 'loading' }
  | { readonly name: 'loaded'; readonly entries: readonly TimelineEntry[] }
  | { readonly name: 'failed'; readonly reason: string }

interface PanelState {
  readonly listing: Listing
  /** The entry whose restoration waits for a yes. */
  readonly asking: TimelineEntry | null
  readonly isRestoring: boolean
  readonly news: string
}

const CLOSED: PanelState = { listing: { name: 'loading' }, asking: null, isRestoring: false, news: '' }

export class HistoryPanel extends LitElement {
  /** The document's; to be set before `open`. */
  api: DocumentApi | null = null
  /** Who restores, for the history. */
  author: () => string = () => ''
  /** Whether this person may bring anything back. */
  mayRestore: () => boolean = () => true
  readonly #dialog = createRef<HTMLDialogElement>()
  #state = CLOSED

  /** Shows the panel with the history as it is now. */
  open(): void {
    this.#show(CLOSED)
    this.#dialog.value?.showModal()
    void this.#load()
  }

  /** The page's own stylesheet reaches it: there is nothing here to protect from an embedder. */
  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render(): TemplateResult {
    return html`<dialog ${ref(this.#dialog)} class="sheet" aria-labelledby="history-title" @click=${this.#closeOutside}>
      <header>
        <h2 id="history-title">History</h2>
        <button type="button" aria-label="Close" @click=${this.#close}>${icon('close')}</button>
      </header>
      <p class="news" role="status" ?hidden=${this.#state.news === ''}>${this.#state.news}</p>
      ${this.#renderListing()}
    </dialog>`
  }

  #renderListing(): TemplateResult {
    const { listing } = this.#state
    switch (listing.name) {
      case 'loading':
        return html`<div class="skeleton" role="img" aria-label="Loading the history">
          ${[1, 2, 3].map(() => html`<div class="entry"><i></i></div>`)}
        </div>`
      case 'failed':
        return html`<div class="notice" role="alert">
          <p><b>The history can’t be loaded.</b> ${listing.reason}</p>
          <button type="button" @click=${() => this.#load()}>Try again</button>
        </div>`
      case 'loaded':
        return this.#renderDays(listing.entries)
    }
  }

  #renderDays(entries: readonly TimelineEntry[]): TemplateResult {
    if (entries.length === 0) {
      return html`<p class="help lone">
        Nothing was written yet. Every change will be listed here, and can be undone from here.
      </p>`
    }
    const newest = Math.max(...entries.map(({ toSeq }) => toSeq))
    return html`${daysOf(entries, Date.now()).map(
      ({ label, entries: ofDay }) =>
        html`<section>
          <h3>${label}</h3>
          <ol>
            ${ofDay.map((entry) => html`<li class="entry">${this.#renderEntry(entry, entry.toSeq === newest)}</li>`)}
          </ol>
        </section>`,
    )}`
  }

  #renderEntry(entry: TimelineEntry, isNewest: boolean): TemplateResult {
    const name = entry.name || 'Somebody'
    return html`<span class="face" ${ref((face) => tint(face, entry.user))} aria-hidden="true">${initials(name)}</span>
      <div class="what">
        <b>${name}</b>
        <span>${printSpan(entry)} · ${countChanges(entry)}</span>
      </div>
      ${isNewest ? html`<span class="now">Now</span>` : this.#renderRestore(entry)}
      ${this.#state.asking === entry ? this.#renderQuestion(entry) : nothing}`
  }

  #renderRestore(entry: TimelineEntry): TemplateResult | typeof nothing {
    if (!this.mayRestore()) return nothing
    return html`<button
      type="button"
      aria-label=${`Restore the document as it was at ${printTime(entry.toMs)}`}
      aria-expanded=${this.#state.asking === entry}
      @click=${() => this.#show({ asking: this.#state.asking === entry ? null : entry })}
    >
      Restore
    </button>`
  }

  #renderQuestion(entry: TimelineEntry): TemplateResult {
    return html`<div class="question">
      <p>
        Bring back the document as it was at ${printTime(entry.toMs)}? Everyone sees it change. Nothing is lost: what is
        there now stays in the history.
      </p>
      <div class="row">
        <button type="button" class="primary" ?disabled=${this.#state.isRestoring} @click=${() => this.#restore(entry)}>
          ${this.#state.isRestoring ? 'Restoring…' : 'Restore'}
        </button>
        <button type="button" @click=${() => this.#show({ asking: null })}>Cancel</button>
      </div>
    </div>`
  }

  async #load(): Promise<void> {
    if (this.api === null) return
    try {
      this.#show({ listing: { name: 'loaded', entries: await this.api.loadHistory() } })
    } catch (thrown) {
      this.#show({ listing: { name: 'failed', reason: reasonOf(thrown) } })
    }
  }

  async #restore(entry: TimelineEntry): Promise<void> {
    if (this.api === null) return
    this.#show({ isRestoring: true })
    try {
      const { newSeq } = await this.api.restore(entry.toSeq, this.author())
      const moment = `${printDay(entry.toMs, Date.now())}, ${printTime(entry.toMs)}`
      const news = newSeq === null ? `The document is already as it was: ${moment}.` : `Restored: ${moment}.`
      this.#show({ news, asking: null })
      await this.#load()
    } catch (thrown) {
      this.#show({ news: `Nothing was restored. ${reasonOf(thrown)}` })
    } finally {
      this.#show({ isRestoring: false })
    }
  }

  #show(change: Partial<PanelState>): void {
    this.#state = { ...this.#state, ...change }
    this.requestUpdate()
  }

  readonly #close = (): void => this.#dialog.value?.close()

  readonly #closeOutside = ({ target }: MouseEvent): void => {
    // The backdrop belongs to the dialog element itself; everything drawn in it is a child.
    if (target === this.#dialog.value) this.#close()
  }
}

function tint(face: Element | undefined, user: string): void {
  if (face instanceof HTMLElement && user !== '') face.style.setProperty('--person', colorOf(user))
}
