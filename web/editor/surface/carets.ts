/**
 * Where the others are: their carets and selections drawn in the text, and the own one told to them.
 *
 * Positions travel as relative positions in the awareness field `cursor: {anchor, head}`, as y-prosemirror has them.
 * Names and colours are other people's input and go through the same checks as everywhere.
 */
import type { Node } from 'prosemirror-model'
import { Plugin, PluginKey } from 'prosemirror-state'
import type { EditorState } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'
import type { EditorView } from 'prosemirror-view'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'

import { canonical } from '../../../shared/model/delta.ts'
import { peopleIn } from '../presence.ts'
import type { Person } from '../presence.ts'
import { absoluteIn, relativeSelection } from './positions.ts'

/** Awareness field of the caret. */
export const CURSOR_FIELD = 'cursor'

interface Caret {
  readonly clientId: number
  readonly person: Person
  readonly anchor: number
  readonly head: number
}

const carets = new PluginKey<DecorationSet>('weft-carets')

/** Draws the others' carets: moved along with the text at once, and found anew each frame in which anything changed. */
export function remoteCarets(body: Y.Text, awareness: Awareness): Plugin<DecorationSet> {
  /** How often each caret was seen to move; a new number shows the name again. */
  const moves = new Map<number, { readonly cursor: string; readonly count: number }>()
  const draw = (state: EditorState): DecorationSet => {
    const found = caretsIn(body, state.doc, awareness)
    return DecorationSet.create(
      state.doc,
      found.flatMap((caret) => decorate(caret, countMoves(moves, caret.clientId, awareness))),
    )
  }
  return new Plugin({
    key: carets,
    state: {
      init: () => DecorationSet.empty,
      apply: (transaction, drawn, _old, state) =>
        transaction.getMeta(carets) === true ? draw(state) : drawn.map(transaction.mapping, transaction.doc),
    },
    props: { decorations: (state) => carets.getState(state) },
    view: (view) => redrawOnChange(view, body, awareness),
  })
}

/** Tells the others where the selection is, unless they know. The caret of an editor without focus stays where it was. */
export function publishSelection(view: EditorView, body: Y.Text, awareness: Awareness): void {
  const local = awareness.getLocalState()
  if (local === null || !view.hasFocus()) return
  const { anchor, head } = relativeSelection(body, view.state)
  const cursor = { anchor: Y.relativePositionToJSON(anchor), head: Y.relativePositionToJSON(head) }
  if (canonical(local[CURSOR_FIELD]) !== canonical(cursor)) awareness.setLocalStateField(CURSOR_FIELD, cursor)
}

/** Where the caret of a client is in the document, or null when it has none here. */
export function caretPosition(body: Y.Text, doc: Node, awareness: Awareness, clientId: number): number | null {
  return readCursor(body, doc, awareness.getStates().get(clientId))?.head ?? null
}

function caretsIn(body: Y.Text, doc: Node, awareness: Awareness): readonly Caret[] {
  const states = awareness.getStates()
  return peopleIn(states, awareness.clientID).flatMap((person) =>
    person.clientIds.flatMap((clientId) => {
      if (clientId === awareness.clientID) return []
      const cursor = readCursor(body, doc, states.get(clientId))
      return cursor === null ? [] : [{ clientId, person, ...cursor }]
    }),
  )
}

function readCursor(
  body: Y.Text,
  doc: Node,
  state: unknown,
): { readonly anchor: number; readonly head: number } | null {
  const cursor = field(state, CURSOR_FIELD)
  try {
    const anchor = absoluteIn(body, doc, Y.createRelativePositionFromJSON(field(cursor, 'anchor')), false)
    const head = absoluteIn(body, doc, Y.createRelativePositionFromJSON(field(cursor, 'head')), false)
    return anchor === null || head === null ? null : { anchor, head }
  } catch {
    // Anyone can write anything into their state; what is no position is no caret.
    return null
  }
}

function countMoves(
  moves: Map<number, { readonly cursor: string; readonly count: number }>,
  clientId: number,
  awareness: Awareness,
): number {
  const cursor = canonical(field(awareness.getStates().get(clientId), CURSOR_FIELD))
  const known = moves.get(clientId)
  if (known?.cursor === cursor) return known.count
  const count = (known?.count ?? 0) + 1
  moves.set(clientId, { cursor, count })
  return count
}

function decorate({ clientId, person, anchor, head }: Caret, moves: number): readonly Decoration[] {
  const key = canonical([clientId, moves, person.name, person.color, person.isIdle])
  const caret = Decoration.widget(head, () => caretElement(person), {
    key,
    // What is typed at a caret goes before the widget, so that it does not come between a letter and the next.
    side: 10,
    ignoreSelection: true,
    marks: [],
  })
  if (anchor === head) return [caret]
  const style = `--weft-caret: ${person.color}`
  return [Decoration.inline(Math.min(anchor, head), Math.max(anchor, head), { class: 'weft-selection', style }), caret]
}

function caretElement(person: Person): HTMLElement {
  const caret = document.createElement('span')
  caret.className = person.isIdle ? 'weft-caret weft-idle' : 'weft-caret'
  caret.setAttribute('aria-hidden', 'true')
  caret.style.setProperty('--weft-caret', person.color)
  const name = document.createElement('span')
  name.className = 'weft-caret-name'
  name.textContent = person.name
  caret.append(name)
  return caret
}

function redrawOnChange(view: EditorView, body: Y.Text, awareness: Awareness): { destroy(): void } {
  let frame: number | null = null
  const redraw = (): void => {
    frame ??= requestAnimationFrame(() => {
      frame = null
      if (!view.isDestroyed) view.dispatch(view.state.tr.setMeta(carets, true))
    })
  }
  awareness.on('change', redraw)
  body.observe(redraw)
  redraw()
  return {
    destroy: () => {
      awareness.off('change', redraw)
      body.unobserve(redraw)
      if (frame !== null) cancelAnimationFrame(frame)
    },
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
