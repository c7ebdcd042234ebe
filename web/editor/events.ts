/** The events of `<weft-editor>`, and the one way they are sent. All bubble and cross shadow roots. */
import type { Person } from './presence.ts'
import type { Status } from './status.ts'
import type { Client } from '../client/types.ts'

/** Names and details of the element's events. */
export interface WeftEvents {
  /** The text can be read, and edited where the mode allows. */
  'weft-ready': { readonly client: Client }
  /** The status line says something else. */
  'weft-status': Status
  'weft-sync': { readonly synced: boolean; readonly unsaved: number }
  /** The document changed; `isLocal` is true when it was changed here. */
  'weft-change': { readonly isLocal: boolean }
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
