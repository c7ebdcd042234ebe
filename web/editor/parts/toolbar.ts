/**
 * The formatting toolbar: one tab stop, arrow keys inside, pressed states that follow the selection.
 *
 * Buttons are `aria-disabled` rather than `disabled`, so that a keyboard keeps its place when undo runs out.
 */
import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { createRef, ref } from 'lit/directives/ref.js'
import type { EditingSurface } from '../types.ts'
import { BlockMenu } from './block-menu.ts'
import { icon } from '../../look/icons.ts'
import { LinkForm } from './link-form.ts'
import { printShortcut, type CommandItem, type ToolbarItem } from './toolbar-items.ts'

export interface ToolbarState {
  readonly surface: EditingSurface | null
  readonly items: readonly ToolbarItem[]
  readonly isEditable: boolean
}

export class Toolbar implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #blocks: BlockMenu
  readonly #link: LinkForm
  readonly #bar = createRef<HTMLElement>()
  readonly #isApple = /Mac|iPhone|iPad/.test(navigator.userAgent)
  /** The item that Tab reaches; null is the first. */
  #current: string | null = null
  #surface: EditingSurface | null = null
  #hadFocus = false

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
    this.#blocks = new BlockMenu(host)
    this.#link = new LinkForm(host)
  }

  hostUpdate(): void {
    this.#hadFocus = this.#bar.value?.matches(':focus-within') === true
  }

  /** The keyboard goes on in the text when the toolbar under it is taken away, because nothing may be changed any more. */
  hostUpdated(): void {
    if (this.#hadFocus && this.#bar.value?.isConnected !== true) this.#surface?.view.dom.focus()
  }

  render({ surface, items, isEditable }: ToolbarState): TemplateResult {
    this.#surface = surface
    return html`<div
      ${ref(this.#bar)}
      part="toolbar"
      class="toolbar"
      role="toolbar"
      aria-label="Formatting"
      @mousedown=${keepFocusInText}
      @focusin=${this.#remember}
      @keydown=${(event: KeyboardEvent) => this.#move(event, surface)}
    >
      ${items.map((item, index) => this.#renderItem(surface, item, { isFirst: index === 0, isEditable }))}
    </div>`
  }

  /** Moves the keyboard into the toolbar. */
  focus(): void {
    const buttons = this.#buttons()
    ;(buttons.find((button) => button.tabIndex === 0) ?? buttons[0])?.focus()
  }

  /** Opens the link form, as its button does. */
  editLink(surface: EditingSurface | null): void {
    this.#link.toggle(surface)
  }

  #renderItem(
    surface: EditingSurface | null,
    item: ToolbarItem,
    { isFirst, isEditable }: { isFirst: boolean; isEditable: boolean },
  ): TemplateResult {
    const tabStop = (id: string): number => ((this.#current ?? (isFirst ? id : null)) === id ? 0 : -1)
    switch (item.kind) {
      case 'gap':
        return html`<span class="gap" aria-hidden="true"></span>`
      case 'blocks':
        return this.#blocks.render(surface, { enabled: isEditable, tabIndex: tabStop('blocks') })
      case 'link':
        return this.#link.render(surface, {
          enabled: isEditable,
          tabIndex: tabStop('link'),
          title: this.#title('Link', 'Mod+K'),
        })
      case 'command':
        return this.#renderCommand(surface, item, {
          tabIndex: tabStop(item.command),
          enabled: isEditable && surface?.can(item.command) === true,
        })
    }
  }

  #renderCommand(
    surface: EditingSurface | null,
    item: CommandItem,
    { tabIndex, enabled }: { tabIndex: number; enabled: boolean },
  ): TemplateResult {
    const pressed = item.toggles ? String(surface?.isActive(item.command) === true) : undefined
    return html`<button
      part="button"
      type="button"
      data-item=${item.command}
      tabindex=${tabIndex}
      aria-label=${item.label}
      .ariaPressed=${pressed ?? null}
      aria-disabled=${!enabled}
      title=${this.#title(item.label, item.shortcut)}
      @click=${(event: MouseEvent) => {
        if (!enabled) return
        surface?.exec(item.command)
        // A press by keyboard has no click count: the keyboard stays in the toolbar, a pointer goes back to the text.
        if (event.detail > 0) surface?.focus()
      }}
    >
      ${icon(item.command)}
    </button>`
  }

  #title(label: string, shortcut: string | null): string {
    return shortcut === null ? label : `${label} (${printShortcut(shortcut, this.#isApple)})`
  }

  readonly #remember = ({ target }: FocusEvent): void => {
    const id = target instanceof HTMLElement ? target.dataset['item'] : undefined
    if (id === undefined || id === this.#current) return
    this.#current = id
    this.#host.requestUpdate()
  }

  #move(event: KeyboardEvent, surface: EditingSurface | null): void {
    if (event.key === 'Escape') return surface?.focus()
    const buttons = this.#buttons()
    const at = buttons.findIndex((button) => button.matches(':focus'))
    if (at < 0) return
    const forward = isRightToLeft(event) ? -1 : 1
    const next = { ArrowRight: at + forward, ArrowLeft: at - forward, Home: 0, End: buttons.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    buttons[(next + buttons.length) % buttons.length]?.focus()
  }

  #buttons(): HTMLButtonElement[] {
    return [...(this.#bar.value?.querySelectorAll<HTMLButtonElement>('button[data-item]') ?? [])]
  }
}

function keepFocusInText(event: MouseEvent): void {
  // Fields in the popovers inside the toolbar have to take the focus.
  if (!(event.target instanceof HTMLInputElement)) event.preventDefault()
}

function isRightToLeft({ target }: Event): boolean {
  return target instanceof Element && getComputedStyle(target).direction === 'rtl'
}
