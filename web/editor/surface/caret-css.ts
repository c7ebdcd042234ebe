/**
 * Other people's carets and selections.
 *
 * A caret is drawn anew whenever its owner moves, which starts the animation that hides the name: no timer, and
 * nothing moves, so it is the same with reduced motion.
 */
import { css } from 'lit'

/** Rules for carets, to be included in the stylesheet of the text. */
export const caretStyles = css`
  .weft-selection {
    background: color-mix(in srgb, var(--weft-caret) 22%, transparent);
  }
  .weft-caret {
    position: relative;
    margin: 0 -1px;
    border-inline-start: 2px solid var(--weft-caret);
    pointer-events: none;
    user-select: none;
    /* Joins nothing: a caret between two letters must not part them. */
    word-break: normal;
  }
  .weft-caret::before {
    content: '';
    position: absolute;
    inset-block-start: -4px;
    inset-inline-start: -5px;
    box-sizing: border-box;
    width: 8px;
    height: 8px;
    border: 2px solid var(--weft-caret);
    border-radius: 50%;
    background: var(--weft-caret);
  }
  .weft-caret.weft-idle::before {
    background: transparent;
  }
  .weft-caret-name {
    position: absolute;
    inset-block-end: 100%;
    inset-inline-start: -2px;
    z-index: 1;
    padding: 3px 6px;
    border-radius: 5px 5px 5px 0;
    background: var(--weft-caret);
    color: #fff;
    font: 600 11px/1 var(--weft-font-ui, Inter, system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif);
    letter-spacing: normal;
    text-decoration: none;
    white-space: nowrap;
    animation: weft-caret-name 2s steps(1, end) forwards;
  }
  .weft-idle .weft-caret-name {
    display: none;
  }
  @keyframes weft-caret-name {
    to {
      visibility: hidden;
    }
  }
  @media (forced-colors: active) {
    .weft-caret,
    .weft-caret-name {
      forced-color-adjust: none;
    }
  }
`
