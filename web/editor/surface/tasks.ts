/** Clicks on the boxes of tasks. */
import { Plugin } from 'prosemirror-state'

import { ownStep } from './block-commands.ts'
import { attributesOfNode, TASK_BOX_CLASS } from './block-dom.ts'

/** Checks and unchecks a task when its box is clicked; the caret stays where it is. */
export function taskBoxes(): Plugin {
  return new Plugin({
    props: {
      handleDOMEvents: {
        // Before the browser moves the caret to the box.
        mousedown: (_view, event) => {
          if (!isBox(event.target)) return false
          event.preventDefault()
          return true
        },
        click: (view, event) => {
          if (!isBox(event.target)) return false
          // The box is drawn from the document; left to itself it would change even where nothing may be edited.
          event.preventDefault()
          if (!view.editable) return true
          const position = view.posAtDOM(event.target, 0)
          const $position = view.state.doc.resolve(position)
          const start = $position.depth === 0 ? position : $position.before(1)
          const node = view.state.doc.nodeAt(start)
          if (node === null) return true
          const list = attributesOfNode(node).list === 'checked' ? 'unchecked' : 'checked'
          view.dispatch(ownStep(view.state.tr.setNodeAttribute(start, 'list', list)))
          return true
        },
      },
    },
  })
}

function isBox(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.classList.contains(TASK_BOX_CLASS)
}
