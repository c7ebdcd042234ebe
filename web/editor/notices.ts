/**
 * What is said with a sentence and a button, above the text or instead of it, as pure functions of the client's state.
 *
 * A notice says what is so, where the person's changes are, and what can be done.
 */
import { CloseCode } from '../../shared/close-codes.ts'
import type { ClientState } from '../client/types.ts'
import type { IconName } from '../look/icons.ts'
import { EXPIRED, endingOf, type NoticeAction } from './endings.ts'
import { type Circumstances, describeRefusal, describeUnsaved } from './status.ts'

/** A sentence that needs room, and mostly a button. */
export interface Notice {
  /** `calm` is how things are meant to be; `warning` is not. */
  readonly tone: 'calm' | 'warning'
  readonly sign: IconName
  readonly title: string
  readonly words: string
  readonly action: { readonly label: string; readonly does: NoticeAction } | null
}

export interface NoticeCircumstances extends Circumstances {
  /** Somebody listens when access is asked for. */
  readonly canAsk: boolean
}

const TRY_NOW = { label: 'Try now', does: 'reconnect' } as const

const LABELS: Readonly<Record<NoticeAction, string>> = {
  reconnect: 'Try again',
  reload: 'Reload',
  'ask-access': 'Ask for access',
}

/** The banner above a text that can be read, and mostly edited; null while all is well. */
export function describeTrouble(state: ClientState, here: NoticeCircumstances): Notice | null {
  const { connection } = state
  switch (connection.name) {
    case 'live':
      return describeRights(state, here) ?? describeFullness(state)
    case 'stopped': {
      const { title, words, sign, action } = endingOf(connection.code, connection.reason)
      return {
        tone: 'warning',
        sign,
        title: `${title}.`,
        words: joinSentences(words, whereChangesAre(state)),
        action: actionOf(action, here),
      }
    }
    default:
      return describeAbsence(state, here)
  }
}

/** What stands where the text would be when there is nothing to show yet and no hope without help; null while loading. */
export function describeFailure(state: ClientState, here: NoticeCircumstances): Notice | null {
  const { connection } = state
  if (state.ready || connection.name === 'live' || connection.name === 'connecting') return null
  if (connection.name === 'stopped') {
    const { title, words, sign, action } = endingOf(connection.code, connection.reason)
    return { tone: 'warning', sign, title, words, action: actionOf(action, here) }
  }
  if (connection.code === CloseCode.expired) {
    return { tone: 'warning', sign: EXPIRED.sign, title: EXPIRED.title, words: EXPIRED.words, action: TRY_NOW }
  }
  const away = { tone: 'warning', sign: 'offline', action: TRY_NOW } as const
  const refusal = describeRefusal(connection.code, connection.reason)
  if (refusal !== null) {
    return {
      ...away,
      title: refusal,
      words: 'What is stored is untouched. The document opens by itself as soon as it can.',
    }
  }
  if (here.isOnline) {
    const words = 'The document opens by itself as soon as the server answers.'
    return { ...away, title: 'The server can’t be reached', words }
  }
  const words = 'There is no copy of this document on this device yet. It opens by itself when you reconnect.'
  return { ...away, title: 'You’re offline', words }
}

/** Why nothing was opened at all. */
export function neverOpened(title: string, words: string): Notice {
  return { tone: 'warning', sign: 'missing', title, words, action: null }
}

/** Why a text that is there and in step cannot be edited; null when it can, or the embedder did not want it to be. */
function describeRights(state: ClientState, here: NoticeCircumstances): Notice | null {
  const { access } = state
  if (access === null) return null
  if (access.why === 'expired') {
    const words = joinSentences('It is being renewed.', whereChangesAre(state))
    return { tone: 'warning', sign: EXPIRED.sign, title: `${EXPIRED.title}.`, words, action: null }
  }
  if (access.why === 'quarantined') {
    const words =
      'A part of this document is damaged, so it is shown as it was before, and nobody can change it until it is repaired.'
    return {
      tone: 'warning',
      sign: 'lock',
      title: 'View only.',
      words: joinSentences(words, whereChangesAre(state)),
      action: null,
    }
  }
  if (state.writable || !state.ready || (here.mode === 'view' && state.unsaved === 0)) return null
  const words =
    access.role === 'commenter'
      ? 'You may read and comment on this document, and this editor cannot show comments yet.'
      : 'You may read this document, not change it.'
  return {
    tone: state.unsaved > 0 ? 'warning' : 'calm',
    sign: 'eye',
    title: access.why === 'changed' ? 'You can only view this document now.' : 'View only.',
    words: state.unsaved > 0 ? whereChangesAre(state) : words,
    action: here.canAsk ? { label: LABELS['ask-access'], does: 'ask-access' } : null,
  }
}

/** The server takes no more; null while it does. */
function describeFullness(state: ClientState): Notice | null {
  if (!state.isFull || state.unsaved === 0) return null
  const where = state.keptOnDevice ? '' : ' Keep this page open.'
  return {
    tone: 'warning',
    sign: 'lock',
    title: 'This document is full.',
    words: `Nothing more is saved until something is deleted from it: ${describeUnsaved(state)}.${where}`,
    action: null,
  }
}

function describeAbsence(state: ClientState, { isOnline }: NoticeCircumstances): Notice {
  const { connection, unsaved, keptOnDevice, writable } = state
  const refusal = connection.name === 'waiting' ? describeRefusal(connection.code, connection.reason) : null
  const away = refusal ?? (isOnline ? 'The server can’t be reached' : 'You’re offline')
  const notice = { tone: 'warning', sign: 'offline', title: `${away}.`, action: TRY_NOW } as const
  if (!writable)
    return { ...notice, words: joinSentences('You can read what is on this device.', whereChangesAre(state)) }
  if (keptOnDevice) {
    return { ...notice, words: 'Your edits are kept on this device and will sync when you reconnect.' }
  }
  const words =
    unsaved > 0 ? `Keep this page open: ${describeUnsaved(state)}.` : 'Keep this page open until you reconnect.'
  return { ...notice, words }
}

/** Empty when nothing is unsaved. */
function whereChangesAre(state: ClientState): string {
  if (state.unsaved === 0) return ''
  const unsaved = describeUnsaved(state)
  return state.keptOnDevice
    ? `${unsaved}, to be sent when you may edit again.`
    : `${unsaved}: keep this page open, they are nowhere else.`
}

/** Who cannot be asked can at least be given access meanwhile. */
function actionOf(action: NoticeAction | null, { canAsk }: NoticeCircumstances): Notice['action'] {
  if (action === null) return null
  const does = action === 'ask-access' && !canAsk ? 'reconnect' : action
  return { label: LABELS[does], does }
}

function joinSentences(...sentences: readonly string[]): string {
  return sentences.filter((words) => words !== '').join(' ')
}
