/**
 * Lists: indents, bullets, boxes and numbers.
 *
 * Items are siblings without a list around them, so numbers are counters: one for each level, which an item of its
 * level counts up and whatever ends that list sets back.
 */
import { css, unsafeCSS } from 'lit'

import { MAX_INDENT } from '../../../shared/model/attributes.ts'

const BULLETS = ['\\2022', '\\25e6', '\\25aa']
const NUMBERS = ['decimal', 'lower-alpha', 'lower-roman']
const LEVELS = Array.from({ length: MAX_INDENT + 1 }, (_, level) => level)

/** Rules for items, to be included in the stylesheet of the text. */
export const listStyles = css`
  .weft-content {
    counter-reset: ${unsafeCSS(countersFrom(0))};
  }
  .weft-content > :not([data-list='ordered']) {
    counter-set: ${unsafeCSS(countersFrom(0))};
  }
  .weft-content > [data-list] {
    list-style: none;
    margin-bottom: 4px;
    padding-inline-start: 1.6em;
  }
  .weft-content > [data-list]:not(:has(+ [data-list])) {
    margin-bottom: 14px;
  }
  .weft-content > [data-list] > li {
    position: relative;
  }
  .weft-content > :is([data-list='bullet'], [data-list='ordered']) > li::before {
    position: absolute;
    inset-inline-end: 100%;
    padding-inline-end: 0.5em;
    white-space: nowrap;
    color: var(--ink-soft);
  }
  .weft-content > :is([data-list='checked'], [data-list='unchecked']) {
    padding-inline-start: 0;
  }
  .weft-content > :is([data-list='checked'], [data-list='unchecked']) > li {
    display: flex;
    gap: 10px;
    align-items: baseline;
  }
  .weft-content > :is([data-list='checked'], [data-list='unchecked']) > li > div {
    flex: 1;
    min-width: 0;
  }
  .weft-content > [data-list='checked'] > li > div {
    color: var(--ink-soft);
    text-decoration: line-through;
  }
  .weft-task-box {
    position: relative;
    width: 16px;
    height: 16px;
    margin: 0;
    accent-color: var(--accent);
    cursor: pointer;
  }
  /* The box is small; what can be hit is not. */
  .weft-task-box::after {
    content: '';
    position: absolute;
    inset: -4px;
  }
  ${unsafeCSS(LEVELS.map(levelRules).join('\n'))}
`

function levelRules(level: number): string {
  const at = level === 0 ? ':not([data-indent])' : `[data-indent='${level}']`
  const block = `.weft-content > ${at}`
  const deeper = level < MAX_INDENT ? countersFrom(level + 1) : 'none'
  return `
  ${block} { margin-inline-start: ${level * 1.6}em; }
  ${block}[data-list='bullet'] > li::before { content: '${BULLETS[level % BULLETS.length]}'; }
  ${block}[data-list='bullet'], ${block}[data-list='checked'], ${block}[data-list='unchecked'] {
    counter-set: ${countersFrom(level)};
  }
  ${block}[data-list='ordered'] { counter-increment: level${level}; counter-set: ${deeper}; }
  ${block}[data-list='ordered'] > li::before { content: counter(level${level}, ${NUMBERS[level % NUMBERS.length]}) '.'; }`
}

function countersFrom(level: number): string {
  return LEVELS.slice(level)
    .map((each) => `level${each}`)
    .join(' ')
}
