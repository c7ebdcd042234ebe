/**
 * How the text looks. Adopted by the root the text is in, which may be the embedder's page: every rule hangs on
 * `.weft-content`, and every colour has a fallback in case the tokens are not there.
 */
import { css } from 'lit'

import { caretStyles } from './caret-css.ts'
import { listStyles } from './list-css.ts'

/** The stylesheet of the editable text. */
export const contentStyles = css`
  .weft-content {
    --ink: var(--weft-ink, light-dark(#1f1e1c, #e9e8e4));
    --ink-soft: var(--weft-ink-soft, light-dark(#5f5b54, #a9a8a3));
    --line: var(--weft-line, light-dark(#e6e3dd, #34363b));
    --line-strong: var(--weft-line-strong, light-dark(#8a867e, #7d818a));
    --accent: var(--weft-accent, light-dark(#2f5fd0, #8fb0ff));
    --shade: color-mix(in oklab, var(--ink) 6%, transparent);
    --mono: ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', Menlo, Consolas, 'Liberation Mono', monospace;
    position: relative;
    outline: none;
    color: var(--ink);
    font: 18px/1.65 var(--weft-font-text, 'Source Serif 4', 'Iowan Old Style', Charter, 'Noto Serif', Georgia, serif);
    white-space: pre-wrap;
    white-space: break-spaces;
    overflow-wrap: break-word;
    font-variant-ligatures: none;
    caret-color: var(--ink);
  }
  .weft-content > * {
    position: relative;
    margin: 0 0 14px;
    padding: 0;
  }
  .weft-content > [data-align='center'] {
    text-align: center;
  }
  .weft-content > [data-align='right'] {
    text-align: right;
  }
  .weft-content > [data-align='justify'] {
    text-align: justify;
  }

  .weft-content > :is(h1, h2, h3, h4, h5, h6) {
    font-family: var(--weft-font-ui, Inter, system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif);
    font-weight: 650;
    line-height: 1.3;
    letter-spacing: -0.01em;
    margin: 1.5em 0 0.3em;
  }
  .weft-content > h1 {
    font-size: 34px;
    font-weight: 700;
    line-height: 1.2;
    letter-spacing: -0.02em;
  }
  .weft-content > h2 {
    font-size: 22px;
  }
  .weft-content > h3 {
    font-size: 19px;
  }
  .weft-content > :is(h4, h5, h6) {
    font-size: 17px;
  }
  .weft-content > h6 {
    color: var(--ink-soft);
  }
  .weft-content > :first-child {
    margin-top: 0;
  }

  /* Blocks of one kind that follow each other are one quote, one listing. */
  .weft-content > blockquote {
    border-inline-start: 3px solid var(--line-strong);
    padding-inline-start: 1em;
    color: var(--ink-soft);
  }
  .weft-content > blockquote > p {
    margin: 0;
  }
  .weft-content > blockquote:has(+ blockquote) {
    margin-bottom: 0;
    padding-bottom: 8px;
  }
  .weft-content > pre {
    padding: 0 16px;
    background: var(--shade);
    font: 15px/1.6 var(--mono);
    tab-size: 2;
    white-space: pre-wrap;
    white-space: break-spaces;
  }
  .weft-content > pre:not(pre + pre) {
    padding-top: 12px;
    border-start-start-radius: var(--weft-radius, 8px);
    border-start-end-radius: var(--weft-radius, 8px);
  }
  .weft-content > pre:not(:has(+ pre)) {
    padding-bottom: 12px;
    border-end-start-radius: var(--weft-radius, 8px);
    border-end-end-radius: var(--weft-radius, 8px);
  }
  .weft-content > pre:has(+ pre) {
    margin-bottom: 0;
  }

  .weft-content code {
    padding: 0.1em 0.3em;
    border-radius: 4px;
    background: var(--shade);
    font: 0.86em var(--mono);
  }
  .weft-content a {
    color: var(--accent);
    text-decoration: underline;
    text-underline-offset: 0.15em;
    cursor: pointer;
  }
  .weft-content :is(sub, sup) {
    line-height: 0;
  }

  .weft-divider {
    display: inline-block;
    box-sizing: border-box;
    width: 100%;
    height: 1px;
    margin: 0.55em 0;
    background: var(--line-strong);
    vertical-align: middle;
  }
  .weft-image {
    max-width: 100%;
    height: auto;
    border-radius: var(--weft-radius, 8px);
  }
  .weft-mention {
    padding: 0 0.2em;
    border-radius: 4px;
    color: var(--accent);
    background: color-mix(in oklab, var(--accent) 12%, transparent);
  }
  .weft-unknown {
    display: inline-block;
    padding: 0 0.4em;
    border: 1px dashed var(--line-strong);
    border-radius: 4px;
    color: var(--ink-soft);
  }
  .weft-content .ProseMirror-selectednode {
    outline: 2px solid var(--accent);
    outline-offset: 1px;
  }
  .weft-content.ProseMirror-hideselection {
    caret-color: transparent;
  }
  .weft-content.ProseMirror-hideselection *::selection {
    background: transparent;
  }
  .weft-content img.ProseMirror-separator {
    display: inline !important;
    border: none !important;
    margin: 0 !important;
  }
  .weft-content > [data-placeholder]::before {
    content: attr(data-placeholder);
    float: inline-start;
    height: 0;
    color: var(--ink-soft);
    pointer-events: none;
  }

  ${listStyles}
  ${caretStyles}
`
