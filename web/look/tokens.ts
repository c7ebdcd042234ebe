/** The colours, faces and measures that the editor and the pages share; embedders override any of them. */
import { css } from 'lit'

/** Custom properties for a shadow host, and for the document element of our own pages. */
export const tokens = css`
  :host,
  :root {
    --weft-ground: light-dark(#f7f6f3, #17181a);
    --weft-surface: light-dark(#ffffff, #1f2023);
    --weft-raised: light-dark(#ffffff, #26282c);
    --weft-line: light-dark(#e6e3dd, #34363b);
    --weft-line-strong: light-dark(#8a867e, #7d818a);
    --weft-ink: light-dark(#1f1e1c, #e9e8e4);
    --weft-ink-soft: light-dark(#5f5b54, #a9a8a3);
    --weft-accent: light-dark(#2f5fd0, #8fb0ff);
    --weft-accent-ink: light-dark(#ffffff, #0e1a3a);
    --weft-accent-soft: light-dark(#e8eefc, #26324f);
    --weft-good: light-dark(#1d7a4c, #6fd3a0);
    --weft-danger: light-dark(#b4351f, #ff9c8a);
    --weft-warning: light-dark(#fff4d6, #3a3115);
    --weft-warning-ink: light-dark(#6b4a00, #f5d98a);
    --weft-hover: color-mix(in oklab, var(--weft-ink) 7%, transparent);
    --weft-radius: 8px;
    --weft-radius-large: 12px;
    --weft-shadow: 0 1px 2px rgb(0 0 0 / 0.06), 0 8px 24px rgb(0 0 0 / 0.08);
    --weft-font-ui: 'Inter Variable', Inter, system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
    --weft-font-text:
      'Source Serif 4 Variable', 'Source Serif 4', 'Iowan Old Style', Charter, 'Noto Serif', Georgia, serif;
    --weft-measure: 44rem;
    --weft-target: 32px;
  }
`
