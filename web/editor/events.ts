/** The events of `<weft-editor>`, and the one way they are sent. All bubble and cross shadow roots. */
import type { Person } from './presence.ts'
import type { Status } from './status.ts'
import type { Role } from '../../shared/roles.ts'
import type { Access, Client } from '../client/types.ts'

/** Names and details of the element's events. */
export interface WeftEvents {
  /** The text can be read, and edited where the mode allows. */
  'weft-ready': { readonly client: Client }
  /** The status line says something else. */
  'weft-status': Status
  'weft-sync': { readonly synced: boolean; readonly unsaved: number }
  /** The document changed; `isLocal` is true when it was changed here. */
  'weft-change': { readonly isLocal: boolean }
  /** What the person may do changed; `writable` says whether the text can be edited, `role` is null where there are none. */
  'weft-access': { readonly role: Role | null; readonly why: Access['why'] | null; readonly writable: boolean }
  /** Somebody asks for more than `role`, or, without one, to be let in. Shown only where `ask-access` is set. */
  'weft-ask-access': { readonly document: string; readonly role: Role | null }
  'weft-presence': { readonly people: readonly Person[] }
  'weft-error': { readonly code: string; readonly message: string }
}

/** Sends one of the element's events from `target`. */
export function emit<Name extends keyof WeftEvents>(target: EventTarget, name: Name, detail: WeftEvents[Name]): void {
  target.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
}

declare global {
  interface HTMLElementEventMap extends WeftEventMap {}
}

type WeftEventMap = { [Name in keyof WeftEvents]: CustomEvent<WeftEvents[Name]> }
