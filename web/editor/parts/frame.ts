/** Where everything is: header, toolbar, banner and text, in the arrangement that the embedder's slots ask for. */
import { html, nothing, type TemplateResult } from 'lit'
import type { NoticeAction } from '../endings.ts'
import type { Notice } from '../notices.ts'
import type { Status } from '../status.ts'
import { renderBanner, renderStatus } from './notices.ts'

type Part = TemplateResult | typeof nothing

export interface Frame {
  /** The embedder filled the header; status and people stand there instead of beside the toolbar. */
  readonly hasHeader: boolean
  /** Null: there is nothing to press. */
  readonly toolbar: TemplateResult | null
  readonly said: { readonly status: Status; readonly banner: Notice | null }
  readonly people: Part
  readonly body: TemplateResult
  readonly onAction: (action: NoticeAction) => void
  readonly onSlotChange: () => void
}

/** The whole element. */
export function renderFrame(frame: Frame): TemplateResult {
  const { hasHeader, toolbar, said, people, body, onAction, onSlotChange } = frame
  const status = renderStatus(said.status)
  return html`<div class="frame">
    <header class="head" part="header" ?hidden=${!hasHeader}>
      <slot name="header" @slotchange=${onSlotChange}></slot>${hasHeader ? status : nothing}
      <span class="end"
        >${hasHeader ? people : nothing}<slot name="header-end" @slotchange=${onSlotChange}></slot
      ></span>
    </header>
    <div class="bar" ?hidden=${hasHeader && toolbar === null}>
      <slot name="toolbar-start"></slot>
      ${toolbar ?? nothing}
      <slot name="toolbar-end"></slot>
      ${hasHeader ? nothing : html`<span class="end">${status}${people}</span>`}
    </div>
    ${said.banner === null ? nothing : renderBanner(said.banner, onAction)}${body}
  </div>`
}
