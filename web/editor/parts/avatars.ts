/** The people who are here: a press goes to their caret, a press on oneself changes one's name. */
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit'
import type { DirectiveResult } from 'lit/directive.js'
import { classMap } from 'lit/directives/class-map.js'
import { createRef, ref } from 'lit/directives/ref.js'
import { repeat } from 'lit/directives/repeat.js'
import { initials, type Person } from '../presence.ts'
import { openPopup } from './popup.ts'

/** Others shown by face; the rest is a number, so that a full room leaves the title its place. */
const MAX_FACES = 3

export interface AvatarsState {
  readonly people: readonly Person[]
  readonly onGo: (person: Person) => void
  /** Null when the name came from the embedder and is not the visitor's to change. */
  readonly onRename: ((name: string) => void) | null
}

export class Avatars {
  readonly #host: ReactiveControllerHost
  readonly #panel = createRef<HTMLElement>()
  readonly #input = createRef<HTMLInputElement>()
  #close: (() => void) | null = null

  constructor(host: ReactiveControllerHost) {
    this.#host = host
  }

  render({ people, onGo, onRename }: AvatarsState): TemplateResult {
    const others = people.filter((person) => !person.isSelf)
    const self = people.find((person) => person.isSelf)
    const rest = others.slice(MAX_FACES)
    return html`<ul part="presence" class="people" aria-label="People here">
        ${repeat(
          others.slice(0, MAX_FACES),
          (person) => person.id,
          (person) => html`<li>${this.#renderOther(person, onGo)}</li>`,
        )}
        ${rest.length === 0 ? nothing : html`<li>${renderRest(rest)}</li>`}
        ${self === undefined ? nothing : html`<li>${this.#renderSelf(self, onRename)}</li>`}
      </ul>
      ${onRename === null ? nothing : this.#renderForm(onRename)}`
  }

  #renderOther(person: Person, onGo: (person: Person) => void): TemplateResult {
    const state = person.isIdle ? `${person.name} (idle)` : person.name
    return html`<button
      ${tint(person.color)}
      part="avatar"
      class=${classMap({ avatar: true, idle: person.isIdle })}
      type="button"
      aria-label=${`Go to ${state}`}
      title=${state}
      data-initials=${initials(person.name)}
      @click=${() => onGo(person)}
    ></button>`
  }

  #renderSelf(person: Person, onRename: AvatarsState['onRename']): TemplateResult {
    if (onRename === null) {
      return html`<span
        ${tint(person.color)}
        part="avatar"
        class="avatar"
        role="img"
        aria-label=${`You, ${person.name}`}
        title=${`${person.name} (you)`}
        data-initials=${initials(person.name)}
      ></span>`
    }
    return html`<button
      ${tint(person.color)}
      part="avatar"
      class="avatar"
      type="button"
      aria-label=${`You, ${person.name}. Change your name`}
      aria-haspopup="dialog"
      aria-expanded=${this.#close !== null}
      title=${`${person.name} (you)`}
      data-initials=${initials(person.name)}
      @click=${(event: MouseEvent) => this.#toggle(event.currentTarget, person.name)}
    ></button>`
  }

  #renderForm(onRename: (name: string) => void): TemplateResult {
    return html`<div
      ${ref(this.#panel)}
      part="popover"
      class="panel"
      popover="manual"
      role="dialog"
      aria-label="Your name"
    >
      <form
        class="stack"
        @submit=${(event: SubmitEvent) => {
          event.preventDefault()
          const name = this.#input.value?.value.trim() ?? ''
          this.#close?.()
          if (name !== '') onRename(name)
        }}
      >
        <label for="own-name">Your name</label>
        <span class="row">
          <input ${ref(this.#input)} id="own-name" class="field" maxlength="64" autocomplete="name" required />
          <button type="submit" class="primary">Save</button>
        </span>
        <p class="help">Others see it beside your caret. It stays on this device.</p>
      </form>
    </div>`
  }

  #toggle(button: EventTarget | null, name: string): void {
    const [panel, input] = [this.#panel.value, this.#input.value]
    if (this.#close !== null) return this.#close()
    if (!(button instanceof HTMLElement) || panel === undefined || input === undefined) return
    input.value = name
    this.#close = openPopup(panel, button, {
      onClose: (returnsFocus) => {
        this.#close = null
        this.#host.requestUpdate()
        if (returnsFocus) button.focus()
      },
    })
    this.#host.requestUpdate()
    input.select()
    input.focus()
  }
}

function renderRest(people: readonly Person[]): TemplateResult {
  const names = people.map((person) => person.name).join(', ')
  return html`<span
    part="avatar"
    class="avatar rest"
    role="img"
    aria-label=${`And ${people.length} more: ${names}`}
    title=${names}
    data-initials=${`+${people.length}`}
  ></span>`
}

/** Sets the person's colour through the object model: a `style` attribute would break a strict content security policy. */
function tint(color: string): DirectiveResult {
  return ref((element) => {
    if (element instanceof HTMLElement) element.style.setProperty('--person', color)
  })
}
