/** The status line and the banner. */
import { html, type TemplateResult } from 'lit'
import type { Notice, Status } from '../status.ts'

/** The status line. The dot repeats the words for the eye, so it says nothing to assistive technology. */
export function renderStatus({ tone, words, detail }: Status): TemplateResult {
  return html`<span part="status" class="status ${tone}" title=${detail === null ? words : `${words}. ${detail}`}>
    <i aria-hidden="true"></i><span>${words}</span>
  </span>`
}

/** One line across the page with one way out. */
export function renderBanner({ title, words, action }: Notice, onAction: () => void): TemplateResult {
  return html`<div part="banner" class="banner">
    <p><b>${title}</b> ${words}</p>
    <button type="button" @click=${onAction}>${action}</button>
  </div>`
}
