/** The element itself: its ground, the text column, the outline, what stands in for the text, and narrow places. */
import { css } from 'lit'

export const frame = css`
  :host {
    display: block;
    color-scheme: light dark;
    background: var(--weft-ground);
    color: var(--weft-ink);
    font: 14px/1.45 var(--weft-font-ui);
    container: weft-editor / inline-size;
  }
  :host([hidden]) {
    display: none;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  .frame {
    display: flex;
    flex-direction: column;
    min-height: inherit;
  }
  .body {
    display: grid;
    flex: 1;
    grid-template-columns: minmax(0, 1fr) minmax(0, var(--weft-measure)) minmax(0, 1fr);
    gap: 32px;
    align-items: start;
    padding: 40px 24px 120px;
  }
  .column {
    grid-column: 2;
    min-width: 0;
  }
  /* Room to press below the last line. */
  ::slotted([slot='text']),
  .weft-content {
    min-height: var(--weft-min-height, 8rem);
  }
  .outline {
    position: sticky;
    top: 136px;
    grid-column: 1;
    grid-row: 1;
    justify-self: end;
    display: grid;
    max-width: 200px;
    max-height: calc(100vh - 180px);
    overflow-y: auto;
    scrollbar-width: none;
    font-size: 13px;
  }
  .outline button {
    justify-content: start;
    min-height: 27px;
    padding: 4px 8px 4px 12px;
    border-inline-start: 2px solid var(--weft-line);
    border-radius: 0;
    color: var(--weft-ink-soft);
    line-height: 1.45;
    text-align: start;
  }
  .outline button:hover {
    background: none;
    color: var(--weft-ink);
  }
  .outline button[aria-current] {
    border-color: var(--weft-accent);
    color: var(--weft-ink);
  }
  .outline button:focus-visible {
    outline-offset: -2px;
  }
  .outline .level-1 {
    padding-inline-start: 24px;
  }
  .outline .level-2,
  .outline .level-3 {
    padding-inline-start: 36px;
  }

  .skeleton {
    display: grid;
    gap: 14px;
    padding-top: 8px;
    animation: appear 1ms 200ms both;
  }
  .skeleton i {
    height: 14px;
    border-radius: 4px;
    background: color-mix(in oklab, var(--weft-ink) 8%, transparent);
  }
  .skeleton .title {
    width: 52%;
    height: 32px;
    margin-bottom: 8px;
    border-radius: 6px;
  }
  .skeleton .short {
    width: 64%;
  }
  .skeleton .gap {
    width: 0;
    height: 8px;
    margin: 0;
  }
  @keyframes appear {
    from {
      visibility: hidden;
    }
  }

  .failure {
    display: grid;
    justify-items: center;
    gap: 8px;
    max-width: 26rem;
    margin: 12vh auto 0;
    text-align: center;
  }
  .failure .sign {
    color: var(--weft-ink-soft);
  }
  .failure .icon {
    width: 28px;
    height: 28px;
  }
  .failure h2 {
    margin: 4px 0 0;
    font-size: 18px;
    font-weight: 600;
    letter-spacing: -0.01em;
  }
  .failure p {
    margin: 0 0 12px;
    text-wrap: balance;
    color: var(--weft-ink-soft);
  }

  @container weft-editor (width < 64rem) {
    .outline {
      display: none;
    }
    .body {
      grid-template-columns: minmax(0, 1fr) minmax(0, var(--weft-measure)) minmax(0, 1fr);
      gap: 0;
    }
  }
  @container weft-editor (width < 40rem) {
    .head {
      padding-inline: 12px;
    }
    .head {
      gap: 10px;
    }
    .banner .icon {
      display: none;
    }
    .head .status span {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .body {
      padding: 24px 20px 64px;
    }
    .bar {
      --weft-target: 44px;
      order: 1;
      padding-inline: 0;
      top: auto !important;
      bottom: 0;
      border-top: 1px solid var(--weft-line);
      border-bottom: 0;
      padding-bottom: env(safe-area-inset-bottom);
    }
    .bar .toolbar {
      margin-inline: 0;
      padding: 0 8px;
    }
    .bar .end {
      padding-inline-end: 12px;
    }
    .bar .end .status span {
      display: none;
    }
  }
  @media (forced-colors: active) {
    .status i,
    .skeleton i,
    .gap {
      forced-color-adjust: none;
      background: CanvasText;
    }
    button[aria-pressed='true'] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
    .avatar {
      border: 1px solid ButtonText;
    }
  }
  @media print {
    .head,
    .bar,
    .banner,
    .outline {
      display: none;
    }
    .body {
      display: block;
      padding: 0;
    }
  }
`
