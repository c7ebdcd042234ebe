/** The text column with the outline beside it, and what stands in for a text that is not there yet or at all. */
import { html, nothing, type TemplateResult } from 'lit'
import type { NoticeAction } from '../endings.ts'
import type { Notice } from '../notices.ts'
import { renderFailure } from './notices.ts'

export interface Body {
  readonly outline: TemplateResult | typeof nothing
  /** The editable text, or the slot it comes through. */
  readonly text: HTMLElement | TemplateResult | null
  /** The text may be shown. */
  readonly isReady: boolean
  readonly isEmpty: boolean
  readonly failure: Notice | null
  readonly onAction: (action: NoticeAction) => void
}

/** Everything below the toolbar. */
export function renderBody({ outline, text, isReady, isEmpty, failure, onAction }: Body): TemplateResult {
  return html`<div class="body">
    ${outline}
    <div class="column">
      ${failure === null ? nothing : renderFailure(failure, onAction)}
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
