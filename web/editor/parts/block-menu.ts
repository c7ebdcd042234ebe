/** The button that says what kind of block the selection is in, and the menu that changes it. */
import { html, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'
import type { EditingSurface } from '../types.ts'
import { icon } from '../../look/icons.ts'
import { openPopup } from './popup.ts'
import { BLOCK_ITEMS, type BlockItem } from './toolbar-items.ts'

const LISTS = ['bulletList', 'orderedList', 'taskList'] as const

export class BlockMenu {
  readonly #host: ReactiveControllerHost
  readonly #button = createRef<HTMLButtonElement>()
  readonly #panel = createRef<HTMLElement>()
  #close: (() => void) | null = null

  constructor(host: ReactiveControllerHost) {
    this.#host = host
  }

  render(
    surface: EditingSurface | null,
    { enabled, tabIndex }: { enabled: boolean; tabIndex: number },
  ): TemplateResult {
    const current = BLOCK_ITEMS.find((item) => surface?.isActive(item.command, item.value))
    const label = current?.label ?? describeOther(surface)
    return html`<button
        ${ref(this.#button)}
        part="button"
        class="choice"
        type="button"
        data-item="blocks"
        tabindex=${tabIndex}
        aria-haspopup="menu"
        aria-expanded=${this.#close !== null}
        aria-disabled=${!enabled}
        aria-label=${`Kind of block: ${label}`}
        title="Kind of block"
        @click=${() => enabled && this.#toggle()}
        @keydown=${(event: KeyboardEvent) => this.#openByKey(event, enabled)}
      >
        <span>${label}</span>${icon('chevronDown')}
      </button>
      <div
        ${ref(this.#panel)}
        part="menu"
        class="menu"
        popover="manual"
        role="menu"
        aria-label="Kind of block"
        @keydown=${this.#move}
      >
        ${BLOCK_ITEMS.map((item) => this.#renderItem(surface, item, item === current))}
      </div>`
  }

  #renderItem(surface: EditingSurface | null, item: BlockItem, isCurrent: boolean): TemplateResult {
    return html`<button
      type="button"
      role="menuitemradio"
      aria-checked=${isCurrent}
      tabindex="-1"
      @click=${() => {
        this.#close?.()
        // The commands toggle; a choice in a menu does not.
        if (!isCurrent) surface?.exec(item.command, item.value)
        surface?.focus()
      }}
    >
      <span>${item.label}</span>${item.hint === '' ? null : html`<kbd aria-hidden="true">${item.hint}</kbd>`}
    </button>`
  }

  #openByKey(event: KeyboardEvent, enabled: boolean): void {
    if (event.key !== 'ArrowDown' || !enabled || this.#close !== null) return
    event.preventDefault()
    this.#toggle()
  }

  #toggle(): void {
    const [button, panel] = [this.#button.value, this.#panel.value]
    if (this.#close !== null) return this.#close()
    if (button === undefined || panel === undefined) return
    this.#close = openPopup(panel, button, {
      onClose: (returnsFocus) => {
        this.#close = null
        this.#host.requestUpdate()
        if (returnsFocus) button.focus()
      },
    })
    this.#host.requestUpdate()
    const choices = this.#choices()
    ;(choices.find((choice) => choice.ariaChecked === 'true') ?? choices[0])?.focus()
  }

  readonly #move = (event: KeyboardEvent): void => {
    const choices = this.#choices()
    const at = choices.findIndex((choice) => choice.matches(':focus'))
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: choices.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    choices[(next + choices.length) % choices.length]?.focus()
  }

  #choices(): HTMLButtonElement[] {
    return [...(this.#panel.value?.querySelectorAll('button') ?? [])]
  }
}

/** The button's words where the block is none of the menu's. */
function describeOther(surface: EditingSurface | null): string {
  if (surface === null) return BLOCK_ITEMS[0].label
  if (LISTS.some((command) => surface.isActive(command))) return 'List'
  return surface.isActive('heading') ? 'Heading' : 'Mixed'
}
