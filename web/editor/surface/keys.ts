/** Which key does what. */
import {
  chainCommands,
  deleteSelection,
  joinBackward,
  joinForward,
  selectAll,
  selectNodeBackward,
  selectNodeForward,
} from 'prosemirror-commands'
import { undoInputRule } from 'prosemirror-inputrules'
import { keymap } from 'prosemirror-keymap'
import type { Command, Plugin } from 'prosemirror-state'

import type { HeadingLevel } from '../../../shared/model/attributes.ts'
import { toggleTasks } from './block-commands.ts'
import { namedCommand } from './commands.ts'
import { backspaceAtStart, deleteAtEnd, enter, lineBreak, tab } from './typing-commands.ts'

/** Undo and redo belong to the binding. */
export interface UndoKeys {
  readonly undo: () => boolean
  readonly redo: () => boolean
}

/** The editor's key bindings; `Mod` is Command on a Mac and Control elsewhere. */
export function keys({ undo, redo }: UndoKeys): Plugin {
  const backspace = chainCommands(undoInputRule, deleteSelection, backspaceAtStart, joinBackward, selectNodeBackward)
  const forward = chainCommands(deleteSelection, deleteAtEnd, joinForward, selectNodeForward)
  const bindings: Record<string, Command> = {
    'Mod-z': undo,
    'Shift-Mod-z': redo,
    'Mod-y': redo,
    Enter: enter,
    'Shift-Enter': lineBreak,
    'Mod-Enter': toggleTasks,
    Backspace: backspace,
    'Mod-Backspace': backspace,
    'Shift-Backspace': backspace,
    Delete: forward,
    'Mod-Delete': forward,
    Tab: tab(1),
    'Shift-Tab': tab(-1),
    'Mod-a': selectAll,
    'Mod-b': namedCommand('bold').run,
    'Mod-i': namedCommand('italic').run,
    'Mod-u': namedCommand('underline').run,
    'Mod-e': namedCommand('code').run,
    'Shift-Mod-x': namedCommand('strike').run,
    'Shift-Mod-7': namedCommand('orderedList').run,
    'Shift-Mod-8': namedCommand('bulletList').run,
    'Shift-Mod-9': namedCommand('taskList').run,
    'Mod-]': namedCommand('indent').run,
    'Mod-[': namedCommand('outdent').run,
    'Mod-Alt-0': namedCommand('paragraph').run,
    'Mod-Alt-c': namedCommand('codeBlock').run,
  }
  const levels: readonly HeadingLevel[] = [1, 2, 3, 4, 5, 6]
  for (const level of levels) bindings[`Mod-Alt-${level}`] = namedCommand('heading', level).run
  return keymap(bindings)
}
