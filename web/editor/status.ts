/**
 * What the status line says, as a pure function of the client's state.
 *
 * "Saved" is claimed only for a live, synced connection with nothing unsaved; every other sentence says where the changes are.
 */
import { CloseCode } from '../../shared/close-codes.ts'
import type { ClientState, ConnectionState } from '../client/types.ts'
import { EXPIRED, endingOf } from './endings.ts'

/** `good` is safe on the server's disk; `busy` will be soon; `warning` is safe here or needs patience; `error` needs a person. */
export type Tone = 'good' | 'busy' | 'warning' | 'error'

export interface Status {
  readonly tone: Tone
  readonly words: string
  /** A second sentence for the tooltip. */
  readonly detail: string | null
}

/** What the words depend on besides the client's state. */
export interface Circumstances {
  readonly nowMs: number
  /** What the browser says about the network; false is certain, true is a guess. */
  readonly isOnline: boolean
  readonly mode: 'edit' | 'view'
}

/** The status line. `state` is null while there is no client yet. */
export function describeStatus(state: ClientState | null, circumstances: Circumstances): Status {
  if (state === null) return { tone: 'busy', words: 'Connecting…', detail: null }
  const { connection } = state
  const kept = describeUnsaved(state)
  switch (connection.name) {
    case 'stopped': {
      const { title } = endingOf(connection.code, connection.reason)
      return { tone: 'error', words: joined(title, kept), detail: null }
    }
    case 'waiting':
      return describeWait(connection, kept, circumstances)
    case 'connecting':
      if (kept !== '') return { tone: 'warning', words: `Connecting: ${kept}`, detail: null }
      return { tone: 'busy', words: 'Connecting…', detail: null }
    case 'live':
      return describeLive(state, kept, circumstances.mode)
  }
}

function describeWait(
  { retryAtMs, code, reason }: Extract<ConnectionState, { readonly name: 'waiting' }>,
  kept: string,
  { nowMs, isOnline }: Circumstances,
): Status {
  const seconds = Math.max(1, Math.ceil((retryAtMs - nowMs) / 1000))
  const detail = `Trying again in ${seconds} s.`
  const why = describeRefusal(code, reason)
  if (why !== null) return { tone: 'warning', words: joined(why, kept), detail }
  if (kept !== '') return { tone: 'warning', words: `Offline: ${kept}`, detail }
  if (!isOnline) return { tone: 'warning', words: 'Offline', detail }
  return { tone: 'warning', words: `Reconnecting in ${seconds} s`, detail: null }
}

const REFUSALS: Readonly<Record<number, string | undefined>> = {
  [CloseCode.overloaded]: 'The server is busy',
  [CloseCode.expired]: EXPIRED.title,
  [CloseCode.unavailable]: 'The server can’t open this document',
  [CloseCode.tooManyOfAddress]: 'Too many connections from your network',
  [CloseCode.tooManyOfUser]: 'Open in too many windows',
  [CloseCode.tooManyOfDocument]: 'Too many people are in this document',
  [CloseCode.tooManyFailures]: 'Too many failed tries',
  [CloseCode.tooManyNewDocuments]: 'Too many new documents',
}

/** Why the server, or whoever gives tokens, sent us away for now; null when nobody did. */
export function describeRefusal(code: number | null, reason: string): string | null {
  if (reason === 'no-token') return 'Signing in fails'
  return (code === null ? null : REFUSALS[code]) ?? null
}

function describeLive(state: ClientState, kept: string, mode: 'edit' | 'view'): Status {
  if (state.access?.why === 'expired') return { tone: 'warning', words: joined(EXPIRED.title, kept), detail: null }
  if (!state.synced) return { tone: 'busy', words: 'Syncing…', detail: null }
  if (kept !== '' && !state.writable) return { tone: 'warning', words: `View only: ${kept}`, detail: null }
  if (kept !== '' && state.isFull) {
    const detail = 'Nothing more is saved until something is deleted from it.'
    return { tone: 'warning', words: joined('This document is full', kept), detail }
  }
  if (kept !== '') return state.storageTrouble === null ? SAVING : notSaving(state)
  if (mode === 'view' || !state.writable) {
    return { tone: 'good', words: 'View only', detail: 'You can read this document.' }
  }
  return { tone: 'good', words: 'All changes saved', detail: 'Every change is on the server’s disk.' }
}

const SAVING: Status = { tone: 'busy', words: 'Saving…', detail: null }

/** The connection is live and the server's disk takes nothing: reading goes on, and so does typing. */
function notSaving(state: ClientState): Status {
  const words = state.storageTrouble === 'storage-full' ? 'The server’s disk is full' : 'The server can’t write'
  const detail = 'It goes on trying, and saves everything as soon as it can. Keep this page open.'
  return { tone: 'warning', words: joined(words, describeUnsaved(state)), detail }
}

/** Empty when nothing is unsaved. */
export function describeUnsaved({ unsaved, keptOnDevice }: ClientState): string {
  if (unsaved === 0) return ''
  const changes = unsaved === 1 ? '1 change' : `${unsaved} changes`
  return keptOnDevice ? `${changes} kept on this device` : `${changes} not saved yet`
}

function joined(words: string, kept: string): string {
  return kept === '' ? words : `${words}: ${kept}`
}
