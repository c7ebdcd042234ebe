/** The icons of the editor and the pages. Drawings are Lucide's (ISC licence), https://lucide.dev. */
import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit'

const DRAWINGS = {
  undo: svg`<path d="M9 14 4 9l5-5"/><path d="M4 9h10.5a5.5 5.5 0 0 1 0 11H11"/>`,
  redo: svg`<path d="m15 14 5-5-5-5"/><path d="M20 9H9.5a5.5 5.5 0 0 0 0 11H13"/>`,
  bold: svg`<path d="M6 12h9a4 4 0 0 1 0 8H7a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h7a4 4 0 0 1 0 8"/>`,
  italic: svg`<path d="M19 4h-9M14 20H5M15 4 9 20"/>`,
  underline: svg`<path d="M6 4v6a6 6 0 0 0 12 0V4M4 20h16"/>`,
  strike: svg`<path d="M16 4H9a3 3 0 0 0-2.83 4M14 12a4 4 0 0 1 0 8H6M4 12h16"/>`,
  code: svg`<path d="m16 18 6-6-6-6M8 6l-6 6 6 6"/>`,
  link: svg`<path d="M10 13a5 5 0 0 0 7.54.54l3-3a5 5 0 0 0-7.07-7.07l-1.72 1.71"/><path d="M14 11a5 5 0 0 0-7.54-.54l-3 3a5 5 0 0 0 7.07 7.07l1.71-1.71"/>`,
  bulletList: svg`<path d="M3 5h.01M3 12h.01M3 19h.01M8 5h13M8 12h13M8 19h13"/>`,
  orderedList: svg`<path d="M11 5h10M11 12h10M11 19h10M4 4h1v5M4 9h2M6.5 20H3.4c0-1 2.6-1.925 2.6-3.5a1.5 1.5 0 0 0-2.6-1.02"/>`,
  taskList: svg`<path d="M13 5h8M13 12h8M13 19h8M3 17l2 2 4-4"/><rect x="3" y="4" width="6" height="6" rx="1"/>`,
  quote: svg`<path d="M17 5H3M21 12H8M21 19H8M3 12v7"/>`,
  codeBlock: svg`<path d="m10 9-3 3 3 3M14 15l3-3-3-3"/><rect x="3" y="3" width="18" height="18" rx="2"/>`,
  divider: svg`<path d="M4 12h16"/>`,
  indent: svg`<path d="M21 5H11M21 12H11M21 19H11M3 8l4 4-4 4"/>`,
  outdent: svg`<path d="M21 5H11M21 12H11M21 19H11M7 8l-4 4 4 4"/>`,
  chevronDown: svg`<path d="m6 9 6 6 6-6"/>`,
  check: svg`<path d="M20 6 9 17l-5-5"/>`,
  close: svg`<path d="M18 6 6 18M6 6l12 12"/>`,
  plus: svg`<path d="M5 12h14M12 5v14"/>`,
  search: svg`<path d="m21 21-4.34-4.34"/><circle cx="11" cy="11" r="8"/>`,
  history: svg`<path d="M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8"/><path d="M3 3v5h5M12 7v5l4 2"/>`,
  restore: svg`<path d="M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8"/><path d="M3 3v5h5"/>`,
  document: svg`<path d="M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8a2.4 2.4 0 0 1 1.7.7l3.6 3.6A2.4 2.4 0 0 1 20 8v12a2 2 0 0 1-2 2z"/><path d="M14 2v5a1 1 0 0 0 1 1h5M10 9H8M16 13H8M16 17H8"/>`,
  copy: svg`<rect x="8" y="8" width="14" height="14" rx="2"/><path d="M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2"/>`,
  eye: svg`<path d="M2.062 12.348a1 1 0 0 1 0-.696 10.75 10.75 0 0 1 19.876 0 1 1 0 0 1 0 .696 10.75 10.75 0 0 1-19.876 0"/><circle cx="12" cy="12" r="3"/>`,
  lock: svg`<rect x="3" y="11" width="18" height="11" rx="2"/><path d="M7 11V7a5 5 0 0 1 10 0v4"/>`,
  clock: svg`<circle cx="12" cy="12" r="10"/><path d="M12 6v6l4 2"/>`,
  missing: svg`<path d="M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8a2.4 2.4 0 0 1 1.7.7l3.6 3.6A2.4 2.4 0 0 1 20 8v12a2 2 0 0 1-2 2zM12 17h.01M9.1 9a3 3 0 0 1 5.82 1c0 2-3 3-3 3"/>`,
  offline: svg`<path d="M10.94 5.274A7 7 0 0 1 15.71 10h1.79a4.5 4.5 0 0 1 4.222 6.057M18.796 18.81A4.5 4.5 0 0 1 17.5 19H9A7 7 0 0 1 5.79 5.78M2 2l20 20"/>`,
} as const satisfies Readonly<Record<string, SVGTemplateResult>>

export type IconName = keyof typeof DRAWINGS

/** A 24-unit outline icon in the colour and about the size of the text around it; hidden from assistive technology. */
export function icon(name: IconName): TemplateResult {
  return html`<svg
    class="icon"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${DRAWINGS[name]}
  </svg>`
}
