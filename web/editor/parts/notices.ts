/** The status line, the banner, and what stands in for a text that cannot be shown. */
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../../look/icons.ts'
import type { NoticeAction } from '../endings.ts'
import type { Notice } from '../notices.ts'
import type { Status } from '../status.ts'

/** The status line. The dot repeats the words for the eye, so it says nothing to assistive technology. */
export function renderStatus({ tone, words, detail }: Status): TemplateResult {
  return html`<span part="status" class="status ${tone}" title=${detail === null ? words : `${words}. ${detail}`}>
    <i aria-hidden="true"></i><span>${words}</span>
  </span>`
}

/** One line across the page with at most one way out. */
export function renderBanner(
  { tone, sign, title, words, action }: Notice,
  onAction: (action: NoticeAction) => void,
): TemplateResult {
  return html`<div part="banner" class="banner ${tone}">
    ${icon(sign)}
    <p><b>${title}</b> ${words}</p>
    ${action === null ? nothing : html`<button type="button" @click=${() => onAction(action.does)}>${action.label}</button>`}
  </div>`
}

/** Why there is no text, and what to do. */
export function renderFailure(
  { sign, title, words, action }: Notice,
  onAction: (action: NoticeAction) => void,
): TemplateResult {
  return html`<div class="failure" role="alert">
    <span class="sign">${icon(sign)}</span>
    <h2>${title}</h2>
    <p>${words}</p>
    ${
      action === null
        ? nothing
        : html`<button type="button" class="primary" @click=${() => onAction(action.does)}>${action.label}</button>`
    }
  </div>`
}
