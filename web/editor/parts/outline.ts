/** The headings beside the text. */
import { html, nothing, type TemplateResult } from 'lit'
import type { EditingSurface } from '../types.ts'

/** A list of the headings; nothing where there are none. */
export function renderOutline(outline: EditingSurface['outline']): TemplateResult | typeof nothing {
  if (outline.length === 0) return nothing
  const top = Math.min(...outline.map(({ level }) => level))
  return html`<nav part="outline" class="outline" aria-label="Contents">
    ${outline.map(
      ({ text, level, go }) =>
        html`<button type="button" class="level-${Math.min(level - top, 3)}" @click=${go}>
          ${text || 'Untitled'}
        </button>`,
    )}
  </nav>`
}
