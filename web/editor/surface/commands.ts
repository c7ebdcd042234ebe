/** Every command by name: what it does, whether it can be done now, and whether it is on at the selection. */
import type { Command, EditorState } from 'prosemirror-state'

import { blockAttributes } from '../../../shared/model/attributes.ts'
import type { BlockAttributes, MarkName } from '../../../shared/model/attributes.ts'
import type { CommandName, CommandValue } from '../types.ts'
import { indentBy, insertDivider, selectedBlocks, toggleKind, setKind } from './block-commands.ts'
import type { Kind } from './block-commands.ts'
import { attributesOfNode, kindOf } from './block-dom.ts'
import { hasMark, linkAt, setLink, toggle } from './text-commands.ts'

/** A command as the toolbar sees it. */
export interface NamedCommand {
  readonly run: Command
  readonly isActive: (state: EditorState) => boolean
}

/** The command of that name; undo and redo are not among them, since they are not a matter of the state alone. */
export function namedCommand(name: Exclude<CommandName, 'undo' | 'redo'>, value: CommandValue = null): NamedCommand {
  switch (name) {
    case 'bold':
    case 'italic':
    case 'underline':
    case 'strike':
    case 'code':
      return markCommand(name)
    case 'link':
      return {
        run: value === null || typeof value === 'string' ? setLink(value) : never,
        isActive: (state) => linkAt(state) !== null,
      }
    case 'paragraph':
      return { run: setKind({}), isActive: onAll((attributes) => kindOf(attributes) === 'paragraph') }
    case 'heading': {
      const { header } = blockAttributes({ header: value })
      if (header !== undefined)
        return kindCommand({ header }, (attributes) => isHeading(attributes) && attributes.header === header)
      return { run: never, isActive: onAll(isHeading) }
    }
    case 'bulletList':
      return kindCommand(
        { list: 'bullet' },
        (attributes) => kindOf(attributes) === 'list' && attributes.list === 'bullet',
      )
    case 'orderedList':
      return kindCommand(
        { list: 'ordered' },
        (attributes) => kindOf(attributes) === 'list' && attributes.list === 'ordered',
      )
    case 'taskList':
      return kindCommand({ list: 'unchecked' }, (attributes) => kindOf(attributes) === 'task')
    case 'quote':
      return kindCommand({ blockquote: true }, (attributes) => kindOf(attributes) === 'quote')
    case 'codeBlock':
      return kindCommand({ 'code-block': true }, (attributes) => kindOf(attributes) === 'code')
    case 'divider':
      return { run: insertDivider, isActive: () => false }
    case 'indent':
      return { run: indentBy(1), isActive: () => false }
    case 'outdent':
      return { run: indentBy(-1), isActive: () => false }
  }
}

function markCommand(name: MarkName): NamedCommand {
  return { run: toggle(name), isActive: (state) => hasMark(state, name) }
}

function kindCommand(kind: Kind, isKind: (attributes: BlockAttributes) => boolean): NamedCommand {
  return { run: toggleKind(kind, isKind), isActive: onAll(isKind) }
}

function onAll(holds: (attributes: BlockAttributes) => boolean): (state: EditorState) => boolean {
  return (state) => selectedBlocks(state).every(({ node }) => holds(attributesOfNode(node)))
}

function isHeading(attributes: BlockAttributes): boolean {
  return kindOf(attributes) === 'heading'
}

const never: Command = () => false
