/** The links of a document: what each gives until when, how to change that, and how to take it back. */
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { ShareLink, ShareLinkChange } from '../../shared/rest.ts'
import { isRole, type Role } from '../../shared/roles.ts'
import { icon } from '../look/icons.ts'
import type { CopyButton } from './copy-button.ts'
import { describeExpiry, isExpired, LIFETIMES, ROLE_WORDS, SHARED_ROLES } from './share-words.ts'
import { describeAge } from './time.ts'

export interface LinkList {
  /** The URLs that are known, by the link's id. */
  readonly urls: ReadonlyMap<string, string>
  /** The link whose revocation waits for a yes. */
  readonly asking: string | null
  readonly isBusy: boolean
  readonly nowMs: number
  readonly copy: CopyButton
  /** Null: never mind. */
  readonly onAsk: (id: string | null) => void
  readonly onChange: (link: ShareLink, change: ShareLinkChange) => void
  readonly onRevoke: (link: ShareLink) => void
}

/** The links, as the server orders them. */
export function renderLinks(links: readonly ShareLink[], list: LinkList): TemplateResult {
  return html`<section>
    <h3>Links</h3>
    ${
      links.length === 0
        ? html`<p class="help">There are none yet. Whoever has a link comes in by it, without an account.</p>`
        : html`<ul class="rows">
            ${repeat(
              links,
              ({ id }) => id,
              (link) => html`<li>${renderLink(link, list)}</li>`,
            )}
          </ul>`
    }
  </section>`
}

function renderLink(link: ShareLink, list: LinkList): TemplateResult {
  const { urls, asking, isBusy, nowMs, onAsk } = list
  const name = link.label || `Link to ${PURPOSE[link.role]}`
  const maker = link.createdBy === '' ? 'Made' : `Made by ${link.createdBy}`
  const url = urls.get(link.id)
  return html`<div class="entry">
      <span class="face quiet" aria-hidden="true">${icon(isExpired(link, nowMs) ? 'clock' : 'link')}</span>
      <div class="what">
        <b>${name}</b>
        <span>${maker} ${describeAge(link.createdAtMs, nowMs)}</span>
      </div>
      <span class="choices">
        ${renderRole(link, name, list)}${renderLifetime(link, name, list)}
        <button
          type="button"
          aria-label=${`Revoke ${name}`}
          aria-expanded=${asking === link.id}
          ?disabled=${isBusy}
          @click=${() => onAsk(asking === link.id ? null : link.id)}
        >
          Revoke
        </button>
      </span>
    </div>
    ${url === undefined ? nothing : renderUrl(url, name, list)}
    ${asking === link.id ? renderQuestion(link, list) : nothing}`
}

const PURPOSE: Readonly<Record<Role, string>> = { viewer: 'view', commenter: 'comment', editor: 'edit', owner: 'own' }

function renderRole(link: ShareLink, name: string, { isBusy, onChange }: LinkList): TemplateResult {
  const roles = SHARED_ROLES.includes(link.role) ? SHARED_ROLES : [link.role, ...SHARED_ROLES]
  return html`<select
    class="field"
    aria-label=${`What whoever has ${name} may do`}
    ?disabled=${isBusy}
    @change=${({ target }: Event) => {
      const role = (target as HTMLSelectElement).value
      if (isRole(role)) onChange(link, { role })
    }}
  >
    ${roles.map((role) => html`<option value=${role} .selected=${role === link.role}>${ROLE_WORDS[role]}</option>`)}
  </select>`
}

/** The choice is always "as it is"; another one is carried out and comes back as that. */
function renderLifetime(link: ShareLink, name: string, { isBusy, nowMs, onChange }: LinkList): TemplateResult {
  return html`<select
    class="field"
    aria-label=${`How long ${name} works`}
    ?disabled=${isBusy}
    @change=${({ target }: Event) => {
      const { value } = target as HTMLSelectElement
      const lifetime = LIFETIMES[Number(value)]
      if (value !== '' && lifetime !== undefined) {
        onChange(link, { expiresAtMs: lifetime.ms === null ? null : Date.now() + lifetime.ms })
      }
    }}
  >
    <option value="" .selected=${true}>${describeExpiry(link, nowMs)}</option>
    <hr />
    ${LIFETIMES.map(({ ms, words }, index) => html`<option value=${index}>${ms === null ? words : `${words} from now`}</option>`)}
  </select>`
}

function renderUrl(url: string, name: string, { copy }: LinkList): TemplateResult {
  return html`<div class="row made">
    <input
      class="field"
      readonly
      aria-label=${`Address of ${name}`}
      .value=${url}
      @focus=${({ target }: Event) => (target as HTMLInputElement).select()}
    />
    ${copy.render('Copy link', url)}
  </div>`
}

function renderQuestion(link: ShareLink, { isBusy, onAsk, onRevoke }: LinkList): TemplateResult {
  return html`<div class="question">
    <p>Revoke this link? Nobody comes in by it any more, and whoever is in by it is sent out. What they wrote stays.</p>
    <div class="row">
      <button type="button" class="primary" ?disabled=${isBusy} @click=${() => onRevoke(link)}>Revoke</button>
      <button type="button" @click=${() => onAsk(null)}>Cancel</button>
    </div>
  </div>`
}
