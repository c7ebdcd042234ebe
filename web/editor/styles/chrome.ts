/** Header, toolbar, popovers, status and avatars of the element. */
import { css } from 'lit'

export const chrome = css`
  .head,
  .bar {
    position: sticky;
    z-index: 4;
    display: flex;
    align-items: center;
    box-sizing: border-box;
    padding: 0 16px;
    background: var(--weft-surface);
    border-bottom: 1px solid var(--weft-line);
  }
  .head {
    top: 0;
    z-index: 5;
    gap: 12px;
    height: 52px;
  }
  .bar {
    top: 0;
    gap: 8px;
    min-height: 44px;
  }
  .head:not([hidden]) + .bar {
    top: 52px;
  }
  .end {
    display: flex;
    flex: none;
    align-items: center;
    gap: 8px;
    margin-inline-start: auto;
  }
  .toolbar {
    display: flex;
    gap: 2px;
    align-items: center;
    min-width: 0;
    margin-inline: auto;
    padding: 6px 2px;
    overflow-x: auto;
    scrollbar-width: none;
    /* A shadow at the edge while there are buttons beyond it: the cover moves with the content, the shadow does not. */
    background:
      linear-gradient(to left, var(--weft-surface) 40%, transparent) right / 32px 100% no-repeat local,
      linear-gradient(to right, var(--weft-surface) 40%, transparent) left / 32px 100% no-repeat local,
      linear-gradient(to left, var(--weft-line), transparent) right / 14px 100% no-repeat scroll,
      linear-gradient(to right, var(--weft-line), transparent) left / 14px 100% no-repeat scroll;
  }
  .toolbar:focus-visible {
    outline-offset: -2px;
  }
  .toolbar :focus-visible {
    outline-offset: -2px;
  }
  .toolbar .choice {
    justify-content: space-between;
    min-width: 108px;
  }
  .toolbar .choice .icon {
    width: 14px;
    height: 14px;
  }
  .gap {
    flex: none;
    width: 1px;
    height: 24px;
    margin: 0 6px;
    background: var(--weft-line);
  }

  [popover] {
    position: fixed;
    inset: auto;
    box-sizing: border-box;
    max-width: calc(100vw - 12px);
    margin: 0;
    padding: 6px;
    border: 1px solid var(--weft-line);
    border-radius: var(--weft-radius-large);
    background: var(--weft-raised);
    color: var(--weft-ink);
    font: 14px/1.4 var(--weft-font-ui);
    box-shadow: var(--weft-shadow);
  }
  .menu {
    width: 220px;
  }
  .menu button {
    display: flex;
    justify-content: space-between;
    width: 100%;
    border-radius: var(--weft-radius);
  }
  .menu button[aria-checked='true'] {
    background: var(--weft-accent-soft);
    color: var(--weft-accent);
  }
  .menu button:focus-visible {
    outline-offset: -2px;
  }
  .menu kbd {
    color: var(--weft-ink-soft);
    font: 12px var(--weft-font-ui);
  }
  .panel {
    width: 360px;
    padding: 12px;
  }
  .panel .help {
    margin-top: 8px;
  }
  .stack .help {
    margin-top: 0;
  }
  .panel label {
    font-weight: 600;
  }
  [role='alert'].help {
    color: var(--weft-danger);
  }

  .status {
    display: flex;
    flex: none;
    gap: 6px;
    align-items: center;
    color: var(--weft-ink-soft);
    font-size: 13px;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .status i {
    width: 7px;
    height: 7px;
    border-radius: 50%;
    background: var(--weft-line-strong);
  }
  .status.good i {
    background: var(--weft-good);
  }
  .status.warning i {
    background: none;
    box-shadow: 0 0 0 2px var(--weft-warning-ink) inset;
  }
  .status.error {
    color: var(--weft-danger);
  }
  .status.error i {
    border-radius: 2px;
    background: var(--weft-danger);
  }

  .people {
    display: flex;
    flex: none;
    margin: 0;
    padding: 0 2px 0 6px;
    list-style: none;
  }
  .people li {
    margin-inline-start: -4px;
  }
  .avatar,
  .avatar:hover {
    display: grid;
    place-items: center;
    box-sizing: border-box;
    width: 30px;
    min-width: 30px;
    height: 30px;
    min-height: 30px;
    padding: 0;
    border-radius: 50%;
    background: var(--person);
    color: #fff;
    font-size: 11px;
    font-weight: 600;
    box-shadow: 0 0 0 2px var(--weft-surface);
  }
  .avatar::before {
    content: attr(data-initials);
  }
  .avatar[aria-expanded='true'] {
    color: #fff;
    background: var(--person);
  }
  .avatar.idle {
    border: 2px solid var(--person);
    background: var(--weft-surface);
    color: var(--weft-ink-soft);
  }
  .avatar.rest {
    background: var(--weft-line);
    color: var(--weft-ink);
  }
  .avatar:focus-visible {
    z-index: 1;
    outline-offset: 2px;
  }

  .banner {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 8px;
    align-items: center;
    justify-content: center;
    padding: 3px 16px;
    background: var(--weft-warning);
    color: var(--weft-warning-ink);
    font-size: 13px;
    text-align: center;
  }
  .banner.calm {
    border-bottom: 1px solid var(--weft-line);
    background: var(--weft-surface);
    color: var(--weft-ink-soft);
  }
  .banner .icon {
    width: 16px;
    height: 16px;
  }
  .banner p {
    margin: 4px 0;
  }
  .banner b {
    font-weight: 600;
  }
  .banner button {
    min-height: 26px;
    font-weight: 600;
    text-decoration: underline;
    text-underline-offset: 2px;
  }
`
