/** The text column with the outline beside it, and what stands in for a text that is not there yet or at all. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../../look/icons.ts'
import type { Notice } from '../status.ts'

export interface Body {
  readonly outline: TemplateResult | typeof nothing
  /** The editable text, or the slot it comes through. */
  readonly text: HTMLElement | TemplateResult | null
  /** The text may be shown. */
  readonly isReady: boolean
  readonly isEmpty: boolean
  readonly failure: Notice | null
  readonly onRetry: () => void
}

/** Everything below the toolbar. */
export function renderBody({ outline, text, isReady, isEmpty, failure, onRetry }: Body): TemplateResult {
  return html`<div class="body">
    ${outline}
    <div class="column">
      ${failure === null ? nothing : renderFailure(failure, onRetry)}
      ${isReady || failure !== null ? nothing : renderSkeleton()}
      <div ?hidden=${!isReady}>${text}</div>
      <slot name="empty" ?hidden=${!isEmpty}></slot>
    </div>
  </div>`
}

/** It shows itself after 200 ms, so that a fast load never flickers. */
function renderSkeleton(): TemplateResult {
  return html`<div class="skeleton" role="img" aria-label="Loading the document">
    <i class="title"></i><i></i><i></i><i class="short"></i><i class="gap"></i><i></i><i></i><i class="short"></i>
  </div>`
}

/** Why there is no text, and what to do. */
function renderFailure({ title, words, action }: Notice, onAction: () => void): TemplateResult {
  return html`<div class="failure" role="alert">
    <span class="sign">${icon('offline')}</span>
    <h2>${title}</h2>
    <p>${words}</p>
    ${action === '' ? nothing : html`<button type="button" class="primary" @click=${onAction}>${action}</button>`}
  </div>`
}
