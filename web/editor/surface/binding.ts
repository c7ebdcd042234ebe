/**
 * Keeps one ProseMirror view and one `Y.Text` the same. Yjs is right where they differ.
 *
 * Needs no DOM: a view here is anything that holds an editor state and takes a new one.
 */
import type { Node } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import type { EditorState, Selection, Transaction } from 'prosemirror-state'
import type { Mapping } from 'prosemirror-transform'
import type * as Y from 'yjs'

import { parse } from '../../../shared/model/blocks.ts'
import { transform } from '../../../shared/model/delta.ts'
import type { Delta } from '../../../shared/model/delta.ts'
import { MetaKey, Root, SCHEMA_VERSION } from '../../../shared/model/names.ts'
import { documentOf } from './document.ts'
import { HeldChanges } from './held-changes.ts'
import { indexAt, relativeSelection, resolveSelection } from './positions.ts'
import type { RelativeSelection } from './positions.ts'
import { applyDelta } from './pull.ts'
import { changeBetween, write } from './push.ts'
import type { Change } from './push.ts'
import { Undo } from './undo.ts'

/** Set on transactions that bring changes from Yjs. */
const FROM_YJS = 'weft:from-yjs'

/** Set on transactions that are an undo step of their own. */
export const OWN_STEP = 'weft:own-step'

/** Code units; checking a longer text after each keystroke would be felt, so it is checked when typing pauses. */
const MAX_CHECKED_AT_ONCE = 50_000

/** Milliseconds without a keystroke after which a long text is checked. */
const PAUSE_MS = 400

/** As much of an `EditorView` as the binding needs. */
export interface BoundView {
  readonly state: EditorState
  /** Whether an input method is composing text. */
  readonly composing: boolean
  updateState(state: EditorState): void
}

export interface BindingOptions {
  readonly body: Y.Text
  readonly isEditable: () => boolean
  /** The document or the selection changed. */
  readonly onChange: () => void
  /** Something failed, and the view was made anew from Yjs. */
  readonly onError: (error: unknown) => void
}

export class Binding {
  readonly undoSteps: Undo
  readonly #options: BindingOptions
  readonly #held: HeldChanges
  #view: BoundView | null = null
  /** What Yjs said when the view was last the same; differs from Yjs by the held changes only. */
  #base: Node
  #isClosed: boolean
  #pushed: Y.Transaction | null = null
  #check: ReturnType<typeof setTimeout> | null = null
  #selection: RelativeSelection | null = null

  constructor(options: BindingOptions) {
    this.#options = options
    this.undoSteps = new Undo(options.body, this)
    this.#held = new HeldChanges(() => this.release())
    const { doc, isClosed } = this.#read()
    this.#base = doc
    this.#isClosed = isClosed
  }

  /** The document to start the view with. */
  get doc(): Node {
    return this.#base
  }

  /** From here on `view` follows the text. Its transactions have to go through `dispatch`. */
  attach(view: BoundView): void {
    this.#view = view
    this.#selection = relativeSelection(this.#options.body, view.state)
    this.#options.body.observe(this.#onText)
  }

  /** Applies a transaction to the view and writes what it changes. Edits of a view that is not editable are refused. */
  dispatch(transaction: Transaction): void {
    const view = this.#view
    if (view === null || (transaction.docChanged && !this.#options.isEditable())) return
    const before = view.state
    const isJump = !transaction.docChanged && !transaction.selection.eq(before.selection)
    if (isJump || transaction.getMeta(OWN_STEP) === true) this.undoSteps.break()
    view.updateState(before.apply(transaction))
    this.undoSteps.selection = this.#selection
    if (view.state.doc !== this.#base) this.#push(view, before)
    this.#settle()
  }

  undo(): boolean {
    this.release()
    if (!this.#options.isEditable() || !this.undoSteps.canUndo) return false
    this.undoSteps.selection = this.#selection
    this.#select(this.undoSteps.undo())
    return true
  }

  redo(): boolean {
    this.release()
    if (!this.#options.isEditable() || !this.undoSteps.canRedo) return false
    this.undoSteps.selection = this.#selection
    this.#select(this.undoSteps.redo())
    return true
  }

  /** Lets in what was held back during a composition, below what was typed meanwhile. */
  release(): void {
    const held = this.#held.take()
    const view = this.#view
    if (held.length === 0 || view === null) return
    this.#guard(() => {
      const typed = changeBetween(this.#base, view.state.doc, this.#isClosed)
      const delta = held.reduce<Delta>((change, earlier) => transform(change, earlier), typed.delta)
      this.#write({ delta, isClosed: typed.isClosed }, this.#read().doc)
      this.#align(view)
    })
  }

  destroy(): void {
    this.#options.body.unobserve(this.#onText)
    this.#held.take()
    if (this.#check !== null) clearTimeout(this.#check)
    this.undoSteps.destroy()
    this.#view = null
  }

  #push(view: BoundView, before: EditorState): void {
    if (this.#held.isHolding) return
    this.#guard(() => {
      const doc = view.state.doc
      const caret = Math.min(indexAt(before.doc, before.selection.from), indexAt(doc, view.state.selection.from))
      const change = changeBetween(this.#base, doc, this.#isClosed, caret)
      const base = this.#base
      this.#base = doc
      this.#isClosed = change.isClosed
      this.#write(change, base)
      this.#checkSoon(view)
    })
  }

  #write(change: Change, before: Node): void {
    if (change.delta.length === 0) return
    const { body } = this.#options
    body.doc?.transact((transaction) => {
      this.#pushed = transaction
      write(body, change, before)
      const meta = transaction.doc.getMap(Root.meta)
      if (!meta.has(MetaKey.schema)) meta.set(MetaKey.schema, SCHEMA_VERSION)
    }, this)
  }

  readonly #onText = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    const view = this.#view
    if (view === null) return
    this.#guard(() => {
      const isOwn = transaction === this.#pushed
      if (isOwn && transaction.origin === this) return
      // Somebody else's transaction that ours was part of: its delta holds both.
      if (isOwn) this.#align(view)
      else this.#pull(view, event.delta as Delta)
    })
  }

  #pull(view: BoundView, delta: Delta): void {
    if (delta.length === 0) return
    if (this.#held.isHolding || (view.composing && HeldChanges.disturbs(delta, view.state))) {
      this.#held.add(delta)
      return
    }
    const transaction = view.state.tr
    this.#isClosed = applyDelta(transaction, delta, this.#isClosed)
    this.#show(view, transaction)
  }

  /** Makes the view say what Yjs says, by the smallest change or, where that fails, by replacing everything. */
  #align(view: BoundView): void {
    const { doc, isClosed } = this.#read()
    this.#isClosed = isClosed
    const transaction = view.state.tr
    applyDelta(transaction, changeBetween(view.state.doc, doc, true).delta, true)
    if (!transaction.doc.eq(doc)) transaction.replaceWith(0, transaction.doc.content.size, doc.content)
    this.#show(view, transaction)
  }

  #show(view: BoundView, transaction: Transaction): void {
    const { storedMarks } = view.state
    if (transaction.docChanged) {
      transaction.setSelection(mapSelection(view.state.selection, transaction.doc, transaction.mapping))
      transaction.setStoredMarks(storedMarks).setMeta(FROM_YJS, true)
    }
    this.#base = transaction.doc
    view.updateState(view.state.apply(transaction))
    this.#settle()
    // A plugin of the embedder may have changed more.
    if (view.state.doc !== this.#base && !this.#base.eq(view.state.doc)) this.#push(view, view.state)
  }

  /** Runs `action`; what it throws must not reach Yjs, where it would keep other observers from their events. */
  #guard(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#options.onError(error)
      this.#rebuild()
    }
  }

  #rebuild(): void {
    const view = this.#view
    if (view === null) return
    this.#held.take()
    const { doc, isClosed } = this.#read()
    this.#base = doc
    this.#isClosed = isClosed
    const { tr } = view.state
    tr.replaceWith(0, tr.doc.content.size, doc.content).setMeta(FROM_YJS, true)
    const kept = this.#selection === null ? null : resolveSelection(this.#options.body, tr.doc, this.#selection)
    if (kept !== null) tr.setSelection(kept)
    view.updateState(view.state.apply(tr))
    this.#base = view.state.doc
  }

  #checkSoon(view: BoundView): void {
    if (this.#options.body.length <= MAX_CHECKED_AT_ONCE) {
      this.#compare(view)
      return
    }
    if (this.#check !== null) clearTimeout(this.#check)
    this.#check = setTimeout(() => this.#guard(() => this.#compare(view)), PAUSE_MS)
  }

  #compare(view: BoundView): void {
    if (this.#held.isHolding || this.#read().doc.eq(view.state.doc)) return
    this.#align(view)
  }

  #select(selection: RelativeSelection | null): void {
    const view = this.#view
    if (view === null || selection === null) return
    const found = resolveSelection(this.#options.body, view.state.doc, selection)
    if (found === null) return
    view.updateState(view.state.apply(view.state.tr.setSelection(found).scrollIntoView()))
    this.undoSteps.break()
    this.#settle()
  }

  #settle(): void {
    const view = this.#view
    if (view === null) return
    if (!this.#held.isHolding) this.#selection = relativeSelection(this.#options.body, view.state)
    this.#options.onChange()
  }

  #read(): { readonly doc: Node; readonly isClosed: boolean } {
    const { blocks, isClosed } = parse(this.#options.body.toDelta())
    return { doc: documentOf(blocks), isClosed }
  }
}

/**
 * The selection after a change by somebody else. A caret stays behind the character before it, and what is inserted at
 * the edge of a selection stays outside; only at the start of a block what is inserted goes before.
 */
function mapSelection(selection: Selection, doc: Node, mapping: Mapping): Selection {
  if (!(selection instanceof TextSelection)) return selection.map(doc, mapping)
  const { $anchor, $head, empty } = selection
  const side = (position: typeof $anchor, isStart: boolean): 1 | -1 =>
    position.parentOffset === 0 || (!empty && isStart) ? 1 : -1
  const anchor = mapping.map($anchor.pos, side($anchor, $anchor.pos < $head.pos))
  const head = mapping.map($head.pos, side($head, $head.pos < $anchor.pos))
  return TextSelection.between(doc.resolve(anchor), doc.resolve(head))
}
