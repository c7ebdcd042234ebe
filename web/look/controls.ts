/** Buttons, fields, menus and popovers, the same in the editor and on the pages. */
import { css } from 'lit'

export const controls = css`
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    flex: none;
    min-width: var(--weft-target);
    min-height: var(--weft-target);
    padding: 0 8px;
    border: 0;
    border-radius: 6px;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  button:hover {
    background: var(--weft-hover);
  }
  button[aria-pressed='true'],
  button[aria-expanded='true'] {
    background: var(--weft-accent-soft);
    color: var(--weft-accent);
  }
  button:disabled,
  button[aria-disabled='true'] {
    color: color-mix(in oklab, var(--weft-ink) 38%, transparent);
    background: none;
    cursor: default;
  }
  button.primary {
    padding: 0 14px;
    /* Seen only where the system takes the background away. */
    border: 1px solid transparent;
    background: var(--weft-accent);
    color: var(--weft-accent-ink);
    font-weight: 600;
  }
  button.primary:hover {
    background: color-mix(in oklab, var(--weft-accent) 88%, black);
  }
  button.primary:disabled {
    opacity: 0.6;
  }
  :focus-visible {
    outline: 2px solid var(--weft-accent);
    outline-offset: 2px;
  }
  .icon {
    flex: none;
    width: 18px;
    height: 18px;
  }
  .field {
    box-sizing: border-box;
    flex: 1;
    min-width: 0;
    min-height: var(--weft-target);
    padding: 0 10px;
    border: 1px solid var(--weft-line-strong);
    border-radius: 6px;
    background: var(--weft-surface);
    color: inherit;
    font: inherit;
  }
  .field::placeholder {
    color: var(--weft-ink-soft);
    opacity: 1;
  }
  .field:focus-visible {
    outline-offset: -1px;
  }
  .field[aria-invalid='true'] {
    border-color: var(--weft-danger);
  }
  .row {
    display: flex;
    gap: 8px;
    align-items: center;
  }
  .stack {
    display: grid;
    gap: 8px;
  }
  .help {
    margin: 0;
    color: var(--weft-ink-soft);
    font-size: 13px;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  [hidden] {
    display: none !important;
  }
  @media (prefers-reduced-motion: no-preference) {
    button {
      transition: background 120ms ease-out;
    }
  }
`
