/** Puts an editor on an element: the view, its plugins and the binding, behind the seam in types.ts. */
import { EditorState } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'

import { Root } from '../../../shared/model/names.ts'
import type { CommandName, CommandValue, EditingSurface, MountEditor, MountOptions } from '../types.ts'
import { Binding } from './binding.ts'
import { attributesOfNode, kindOf } from './block-dom.ts'
import { caretPosition, CURSOR_FIELD, publishSelection, remoteCarets } from './carets.ts'
import { clipboard } from './clipboard.ts'
import { namedCommand } from './commands.ts'
import { markdownRules } from './input-rules.ts'
import { keys } from './keys.ts'
import { isBlank, placeholder } from './placeholder.ts'
import { schema } from './schema.ts'
import { taskBoxes } from './tasks.ts'
import { linkAt } from './text-commands.ts'

/** An editor on `options.place`. The caller adopts the stylesheet in content-css.ts where that element is. */
export const mountEditor: MountEditor = (options) => new Surface(options)

class Surface implements EditingSurface {
  readonly view: EditorView
  readonly #binding: Binding
  readonly #options: MountOptions
  #isEditable: boolean

  constructor(options: MountOptions) {
    this.#options = options
    this.#isEditable = options.editable
    const { place, doc, awareness, label } = options
    const body = doc.getText(Root.body)
    const binding = new Binding({
      body,
      isEditable: () => this.#isEditable,
      onChange: () => this.#tellChange(),
      onError: options.onError,
    })
    this.#binding = binding
    const plugins = [
      markdownRules(),
      keys({ undo: () => binding.undo(), redo: () => binding.redo() }),
      clipboard(),
      taskBoxes(),
      placeholder(options.placeholder),
      remoteCarets(body, awareness),
    ]
    this.view = new EditorView(
      { mount: place },
      {
        state: EditorState.create({ schema, doc: binding.doc, plugins }),
        dispatchTransaction: (transaction) => binding.dispatch(transaction),
        editable: () => this.#isEditable,
        attributes: () => ({
          class: 'weft-content',
          role: 'textbox',
          'aria-multiline': 'true',
          'aria-label': label,
          'aria-readonly': String(!this.#isEditable),
          // Reading with the keyboard needs a focus even where nothing can be typed.
          tabindex: '0',
        }),
        handleDOMEvents: {
          focus: () => {
            this.#tellChange()
            return false
          },
          compositionend: () => {
            // ProseMirror reads what was composed 20 ms after the event; what waited may come in then.
            setTimeout(() => binding.release(), 50)
            return false
          },
        },
      },
    )
    binding.attach(this.view)
  }

  exec(command: CommandName, value?: CommandValue): boolean {
    if (!this.#isEditable) return false
    if (command === 'undo') return this.#binding.undo()
    if (command === 'redo') return this.#binding.redo()
    return namedCommand(command, value).run(this.view.state, this.view.dispatch, this.view)
  }

  can(command: CommandName, value?: CommandValue): boolean {
    if (!this.#isEditable) return false
    if (command === 'undo') return this.#binding.undoSteps.canUndo
    if (command === 'redo') return this.#binding.undoSteps.canRedo
    return namedCommand(command, value).run(this.view.state)
  }

  isActive(command: CommandName, value?: CommandValue): boolean {
    if (command === 'undo' || command === 'redo') return false
    return namedCommand(command, value).isActive(this.view.state)
  }

  get activeLink(): string | null {
    return linkAt(this.view.state)
  }

  get outline(): EditingSurface['outline'] {
    const headings: { readonly text: string; readonly level: number; readonly go: () => void }[] = []
    this.view.state.doc.forEach((node, offset, index) => {
      const attributes = attributesOfNode(node)
      if (kindOf(attributes) !== 'heading' || attributes.header === undefined || node.content.size === 0) return
      headings.push({ text: node.textContent, level: attributes.header, go: () => this.#scrollToBlock(offset, index) })
    })
    return headings
  }

  get isEmpty(): boolean {
    return isBlank(this.view.state)
  }

  getText(): string {
    const { doc } = this.view.state
    return doc.textBetween(0, doc.content.size, '\n')
  }

  setEditable(editable: boolean): void {
    if (editable === this.#isEditable) return
    this.#isEditable = editable
    this.view.setProps({})
    this.#options.onChange()
  }

  focus(): void {
    this.view.focus()
  }

  goToCaret(clientId: number): boolean {
    const { awareness, doc } = this.#options
    const position = caretPosition(doc.getText(Root.body), this.view.state.doc, awareness, clientId)
    if (position === null) return false
    this.#scrollTo(position)
    return true
  }

  destroy(): void {
    const { awareness } = this.#options
    this.#binding.destroy()
    this.view.destroy()
    if (awareness.getLocalState() !== null) awareness.setLocalStateField(CURSOR_FIELD, null)
  }

  #tellChange(): void {
    const { awareness, doc, onChange } = this.#options
    if (this.view.isDestroyed) return
    publishSelection(this.view, doc.getText(Root.body), awareness)
    onChange()
  }

  /** The outline a caller holds may be older than the text, so the block is looked for where it was. */
  #scrollToBlock(offset: number, index: number): void {
    const { doc } = this.view.state
    const isThere = doc.nodeAt(offset) !== null && doc.resolve(offset).index(0) === index
    if (isThere) this.#scrollTo(offset + 1)
  }

  #scrollTo(position: number): void {
    const { node } = this.view.domAtPos(position)
    const element = node instanceof Element ? node : node.parentElement
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
    element?.scrollIntoView({ block: 'center', behavior: isCalm ? 'auto' : 'smooth' })
  }
}
