/** Gives stylesheets to a document or shadow root without a `<style>` element, which a strict content policy forbids. */
import type { CSSResult } from 'lit'

/** Adds each of `styles` to `root`, once. */
export function adoptStyles(root: Document | ShadowRoot, ...styles: readonly CSSResult[]): void {
  for (const { styleSheet } of styles) {
    if (styleSheet !== undefined && !root.adoptedStyleSheets.includes(styleSheet))
      root.adoptedStyleSheets.push(styleSheet)
  }
}
