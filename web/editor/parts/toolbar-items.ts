/** What stands in the toolbar and the block menu, in order. */
import type { CommandName, CommandValue } from '../types.ts'

/** A button that runs one command. `toggles` is a button that stays pressed while the command holds at the selection. */
export interface CommandItem {
  readonly kind: 'command'
  readonly command: Exclude<CommandName, 'link' | 'paragraph' | 'heading'>
  readonly label: string
  /** As in `aria-keyshortcuts`, with `Mod` for Control or Command; null when there is none. */
  readonly shortcut: string | null
  readonly toggles: boolean
}

export type ToolbarItem =
  | CommandItem
  | { readonly kind: 'blocks' }
  | { readonly kind: 'link' }
  | { readonly kind: 'gap' }

/** One kind of block a paragraph can become. */
export interface BlockItem {
  readonly command: CommandName
  readonly value: CommandValue
  readonly label: string
  /** What one can type instead; empty when there is nothing. */
  readonly hint: string
}

const GAP: ToolbarItem = { kind: 'gap' }

const UNDO = action('undo', 'Undo', 'Mod+Z')
const REDO = action('redo', 'Redo', 'Mod+Shift+Z')
const BOLD = toggle('bold', 'Bold', 'Mod+B')
const ITALIC = toggle('italic', 'Italic', 'Mod+I')
const BULLETS = toggle('bulletList', 'Bulleted list', 'Mod+Shift+8')
const TASKS = toggle('taskList', 'Task list', 'Mod+Shift+9')

export const FULL_TOOLBAR: readonly ToolbarItem[] = [
  UNDO,
  REDO,
  GAP,
  { kind: 'blocks' },
  GAP,
  BOLD,
  ITALIC,
  toggle('underline', 'Underline', 'Mod+U'),
  toggle('strike', 'Strikethrough', 'Mod+Shift+X'),
  toggle('code', 'Code', 'Mod+E'),
  { kind: 'link' },
  GAP,
  BULLETS,
  toggle('orderedList', 'Numbered list', 'Mod+Shift+7'),
  TASKS,
  action('outdent', 'Less indent', 'Shift+Tab'),
  action('indent', 'More indent', 'Tab'),
  GAP,
  toggle('quote', 'Quote', null),
  action('divider', 'Divider', null),
]

export const MINIMAL_TOOLBAR: readonly ToolbarItem[] = [
  UNDO,
  REDO,
  GAP,
  BOLD,
  ITALIC,
  { kind: 'link' },
  GAP,
  BULLETS,
  TASKS,
]

/** The first is what a block is when no other holds. */
export const BLOCK_ITEMS: readonly [BlockItem, ...BlockItem[]] = [
  { command: 'paragraph', value: null, label: 'Text', hint: '' },
  { command: 'heading', value: 1, label: 'Heading 1', hint: '#' },
  { command: 'heading', value: 2, label: 'Heading 2', hint: '##' },
  { command: 'heading', value: 3, label: 'Heading 3', hint: '###' },
  { command: 'quote', value: null, label: 'Quote', hint: '>' },
  { command: 'codeBlock', value: null, label: 'Code block', hint: '```' },
]

/** `shortcut` as it is printed on the visitor's keyboard. */
export function printShortcut(shortcut: string, isApple: boolean): string {
  if (!isApple) return shortcut.replace('Mod', 'Ctrl')
  return shortcut.replace('Mod', '⌘').replace('Shift', '⇧').replaceAll('+', '')
}

function action(command: CommandItem['command'], label: string, shortcut: string | null): CommandItem {
  return { kind: 'command', command, label, shortcut, toggles: false }
}

function toggle(command: CommandItem['command'], label: string, shortcut: string | null): CommandItem {
  return { kind: 'command', command, label, shortcut, toggles: true }
}
