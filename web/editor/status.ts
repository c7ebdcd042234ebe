/**
 * What the status line and the banner say, as pure functions of the client's state.
 *
 * "Saved" is claimed only for a live, synced connection with nothing unsaved; every other sentence says where the changes are.
 */
import { CloseCode } from '../../shared/close-codes.ts'
import type { ClientState } from '../client/types.ts'

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

/** A sentence that needs room and a button: shown above the text, or instead of it. */
export interface Notice {
  readonly title: string
  readonly words: string
  readonly action: string
}

/** The status line. `state` is null while there is no client yet. */
export function describeStatus(state: ClientState | null, { nowMs, isOnline, mode }: Circumstances): Status {
  if (state === null) return { tone: 'busy', words: 'Connecting…', detail: null }
  const { connection, synced, unsaved } = state
  const kept = describeUnsaved(state)
  switch (connection.name) {
    case 'stopped': {
      const words = STOPPED[connection.code]?.title ?? 'Disconnected'
      return { tone: 'error', words: joined(words, kept), detail: connection.reason || null }
    }
    case 'waiting': {
      const seconds = Math.max(1, Math.ceil((connection.retryAtMs - nowMs) / 1000))
      if (kept !== '') return { tone: 'warning', words: `Offline: ${kept}`, detail: `Trying again in ${seconds} s.` }
      if (!isOnline) return { tone: 'warning', words: 'Offline', detail: `Trying again in ${seconds} s.` }
      return { tone: 'warning', words: `Reconnecting in ${seconds} s`, detail: null }
    }
    case 'connecting':
      if (kept !== '') return { tone: 'warning', words: `Connecting: ${kept}`, detail: null }
      return { tone: 'busy', words: 'Connecting…', detail: null }
    case 'live':
      if (!synced) return { tone: 'busy', words: 'Syncing…', detail: null }
      if (unsaved > 0) return state.storageTrouble === null ? SAVING : notSaving(state)
      if (mode === 'view') return { tone: 'good', words: 'View only', detail: 'You can read this document.' }
      return { tone: 'good', words: 'All changes saved', detail: 'Every change is on the server’s disk.' }
  }
}

/** The banner above a text that can still be read, and mostly edited; null while all is well. */
export function describeTrouble(state: ClientState, isOnline: boolean): Notice | null {
  const { connection, unsaved, keptOnDevice } = state
  if (connection.name === 'live') return null
  if (connection.name === 'stopped') {
    const known = STOPPED[connection.code]
    const title = known?.title ?? 'Disconnected'
    const words = joinSentences(known?.words ?? connection.reason, unsaved > 0 ? sentence(describeUnsaved(state)) : '')
    return { title, words, action: 'Try again' }
  }
  const title = isOnline ? 'The server can’t be reached.' : 'You’re offline.'
  if (keptOnDevice) {
    const words = 'Your edits are kept on this device and will sync when you reconnect.'
    return { title, words, action: 'Try now' }
  }
  const words =
    unsaved > 0 ? `Keep this page open: ${describeUnsaved(state)}.` : 'Keep this page open until you reconnect.'
  return { title, words, action: 'Try now' }
}

/** What stands where the text would be when there is nothing to show yet and no hope without help; null while loading. */
export function describeFailure(state: ClientState, isOnline: boolean): Notice | null {
  const { connection } = state
  if (state.ready || connection.name === 'live' || connection.name === 'connecting') return null
  if (connection.name === 'stopped') {
    const known = STOPPED[connection.code]
    return {
      title: known?.title ?? 'The document could not be opened',
      words: known?.words ?? sentence(connection.reason || `the server closed the connection (${connection.code})`),
      action: 'Try again',
    }
  }
  if (isOnline) {
    return {
      title: 'The server can’t be reached',
      words: 'The document opens by itself as soon as the server answers.',
      action: 'Try now',
    }
  }
  return {
    title: 'You’re offline',
    words: 'There is no copy of this document on this device yet. It opens by itself when you reconnect.',
    action: 'Try now',
  }
}

const STOPPED: Readonly<Record<number, { readonly title: string; readonly words: string } | undefined>> = {
  [CloseCode.invalidDocument]: { title: 'Not found', words: 'No document can have this name.' },
  [CloseCode.malformed]: {
    title: 'Too old to edit',
    words: 'This page and the server do not understand each other. Reload to get the present version.',
  },
  [CloseCode.tooLarge]: {
    title: 'Too large',
    words: 'A change was larger than the server accepts, so syncing stopped.',
  },
  [CloseCode.unavailable]: {
    title: 'Unavailable',
    words: 'The server can’t open this document at the moment. What is stored is untouched.',
  },
}

const SAVING: Status = { tone: 'busy', words: 'Saving…', detail: null }

/** The connection is live and the server's disk takes nothing: reading goes on, and so does typing. */
function notSaving(state: ClientState): Status {
  const words = state.storageTrouble === 'storage-full' ? 'The server’s disk is full' : 'The server can’t write'
  const detail = 'It goes on trying, and saves everything as soon as it can. Keep this page open.'
  return { tone: 'warning', words: joined(words, describeUnsaved(state)), detail }
}

/** Empty when nothing is unsaved. */
function describeUnsaved({ unsaved, keptOnDevice }: ClientState): string {
  if (unsaved === 0) return ''
  const changes = unsaved === 1 ? '1 change' : `${unsaved} changes`
  return keptOnDevice ? `${changes} kept on this device` : `${changes} not saved yet`
}

function joined(words: string, kept: string): string {
  return kept === '' ? words : `${words}: ${kept}`
}

function joinSentences(...sentences: readonly string[]): string {
  return sentences.filter((words) => words !== '').join(' ')
}

function sentence(words: string): string {
  const start = words.charAt(0).toUpperCase() + words.slice(1)
  return /[.!?…]$/.test(start) ? start : `${start}.`
}
