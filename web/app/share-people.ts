/** The people who are or were in a document, and how they came in. */
import { html, type TemplateResult } from 'lit'
import { ref } from 'lit/directives/ref.js'
import { repeat } from 'lit/directives/repeat.js'
import type { Person, ShareLink } from '../../shared/rest.ts'
import { colorOf } from '../../shared/colors.ts'
import { initials } from '../editor/presence.ts'
import { ROLE_WORDS } from './share-words.ts'
import { describeAge } from './time.ts'

/** The people, as the server orders them. */
export function renderPeople(people: readonly Person[], links: readonly ShareLink[], nowMs: number): TemplateResult {
  return html`<section>
    <h3>People</h3>
    ${
      people.length === 0
        ? html`<p class="help">Nobody has been here yet.</p>`
        : html`<ul class="rows">
            ${repeat(
              people,
              ({ user, link }) => `${user} ${link}`,
              (person) => html`<li class="entry">${renderPerson(person, links, nowMs)}</li>`,
            )}
          </ul>`
    }
  </section>`
}

function renderPerson(person: Person, links: readonly ShareLink[], nowMs: number): TemplateResult {
  const name = person.name || 'Somebody'
  return html`<span class="face" ${ref((face) => tint(face, person.user))} aria-hidden="true">${initials(name)}</span>
    <div class="what">
      <b>${name}</b>
      <span>${describeWay(person, links)} · seen ${describeAge(person.lastSeenAtMs, nowMs)}</span>
    </div>
    <span class="now">${ROLE_WORDS[person.role]}</span>`
}

/** How somebody was let in. */
function describeWay({ by, link }: Person, links: readonly ShareLink[]): string {
  if (by === 'open') return 'Everybody may come in'
  if (by === 'token') return 'Signed in'
  const known = links.find(({ id }) => id === link)
  if (known === undefined) return 'By a link that was revoked'
  return known.label === '' ? 'By a link' : `By “${known.label}”`
}

function tint(face: Element | undefined, user: string): void {
  if (face instanceof HTMLElement && user !== '') face.style.setProperty('--person', colorOf(user))
}
