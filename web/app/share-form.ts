/** The form that makes a link: for whom, to do what, for how long. What is typed in it is the form's own. */
import { html, type TemplateResult } from 'lit'
import type { NewShareLink } from '../../shared/rest.ts'
import { isRole } from '../../shared/roles.ts'
import { LIFETIMES, ROLE_WORDS, SHARED_ROLES } from './share-words.ts'

export interface LinkForm {
  readonly isBusy: boolean
  readonly onMake: (link: NewShareLink) => void
}

/** The form. */
export function renderLinkForm({ isBusy, onMake }: LinkForm): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (event.target instanceof HTMLFormElement) onMake(linkOf(new FormData(event.target), Date.now()))
  }
  return html`<form class="make" @submit=${submit}>
    <label class="whom"
      >For whom
      <input class="field" name="label" maxlength="128" autocomplete="off" placeholder="Optional: the design team" />
    </label>
    <label
      >They
      <select class="field" name="role">
        ${SHARED_ROLES.map((role) => html`<option value=${role} ?selected=${role === 'editor'}>${ROLE_WORDS[role]}</option>`)}
      </select>
    </label>
    <label
      >For
      <select class="field" name="lifetime">
        ${LIFETIMES.map(({ words, ms }) => html`<option value=${ms ?? ''}>${words}</option>`)}
      </select>
    </label>
    <button type="submit" class="primary" ?disabled=${isBusy}>Make a link</button>
  </form>`
}

/** What the form asks for. */
function linkOf(form: FormData, nowMs: number): NewShareLink {
  const text = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  const [role, lifetime] = [text('role'), text('lifetime')]
  return {
    role: isRole(role) ? role : 'viewer',
    label: text('label'),
    expiresAtMs: lifetime === '' ? null : nowMs + Number(lifetime),
  }
}
