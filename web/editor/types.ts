/** The seam between the editing surface (ProseMirror bound to Yjs) and the element around it. */
import type { Awareness } from 'y-protocols/awareness'
import type { EditorView } from 'prosemirror-view'
import type * as Y from 'yjs'

/** Everything the toolbar, the keyboard and `exec` can do. */
export type CommandName =
  | 'undo'
  | 'redo'
  | 'bold'
  | 'italic'
  | 'underline'
  | 'strike'
  | 'code'
  | 'link'
  | 'paragraph'
  | 'heading'
  | 'bulletList'
  | 'orderedList'
  | 'taskList'
  | 'quote'
  | 'codeBlock'
  | 'divider'
  | 'indent'
  | 'outdent'

/** `link` takes a URL, or null to remove it; `heading` takes a level of 1–6; the others take nothing. */
export type CommandValue = string | number | null

export interface MountOptions {
  /** The element that becomes the editable text; the surface adds what it needs inside. */
  readonly place: HTMLElement
  readonly doc: Y.Doc
  readonly awareness: Awareness
  readonly editable: boolean
  /** Accessible name of the text box. */
  readonly label: string
  /** Shown while the document is empty. */
  readonly placeholder: string
  /** The selection or the document changed: redraw toolbar state. */
  readonly onChange: () => void
  /** Something inside failed and was mended by rebuilding the view from Yjs. */
  readonly onError: (error: unknown) => void
}

/** A mounted editing surface. */
export interface EditingSurface {
  readonly view: EditorView
  exec(command: CommandName, value?: CommandValue): boolean
  can(command: CommandName, value?: CommandValue): boolean
  isActive(command: CommandName, value?: CommandValue): boolean
  /** The URL at the selection, or null. */
  readonly activeLink: string | null
  /** Headings in order, for an outline. `go` scrolls there. */
  readonly outline: readonly { readonly text: string; readonly level: number; readonly go: () => void }[]
  readonly isEmpty: boolean
  /** Plain text, one line per block. */
  getText(): string
  setEditable(editable: boolean): void
  focus(): void
  /** Scrolls to the caret of the person with this Yjs client id. False when they have none here. */
  goToCaret(clientId: number): boolean
  destroy(): void
}

/** `mountEditor` in mount.ts has this shape. */
export type MountEditor = (options: MountOptions) => EditingSurface
