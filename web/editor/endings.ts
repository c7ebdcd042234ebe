/** Why a server ended a connection for good, in words for people: one entry for each thing that can be done about it. */
import { CloseCode } from '../../shared/close-codes.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { IconName } from '../look/icons.ts'

/** What the button beside a notice does. */
export type NoticeAction = 'reconnect' | 'reload' | 'ask-access'

export interface Ending {
  /** A few words, without a full stop. */
  readonly title: string
  readonly words: string
  readonly sign: IconName
  readonly action: NoticeAction | null
}

/** Also while a connection is open, or is tried again: an ending that may not be one. */
export const EXPIRED: Ending = {
  title: 'Your access has run out',
  words: 'It was given for a limited time. As soon as it is renewed, everything goes on by itself.',
  sign: 'clock',
  action: 'reconnect',
}

/** By the close reason, which is an error code and says more than the number. */
const BY_REASON: Partial<Record<ErrorCode, Ending>> = {
  'permission-denied': {
    title: 'You don’t have access',
    words: 'What you came with does not open this document. Ask somebody it was shared with for a link.',
    sign: 'lock',
    action: 'ask-access',
  },
  'access-revoked': {
    title: 'Your access was withdrawn',
    words: 'Whoever owns this document took it back. Ask them if you think that is a mistake.',
    sign: 'lock',
    action: 'ask-access',
  },
  'token-missing': {
    title: 'You don’t have access',
    words: 'This document is only open to people it was shared with. Open it by a link that you were sent.',
    sign: 'lock',
    action: 'ask-access',
  },
  'token-invalid': {
    title: 'This link doesn’t work',
    words: 'The server does not know it. It may have been cut off when it was copied.',
    sign: 'lock',
    action: 'ask-access',
  },
  'update-too-costly': {
    title: 'Too much at once',
    words: 'A change would have held up everybody who opens this document, so the server did not take it.',
    sign: 'offline',
    action: 'reconnect',
  },
  'not-found': {
    title: 'Not found',
    words: 'There is no document of this name, or it was deleted.',
    sign: 'missing',
    action: null,
  },
}

const BY_CODE: Readonly<Record<number, Ending | undefined>> = {
  [CloseCode.malformed]: {
    title: 'Too old to edit',
    words: 'This page and the server do not understand each other any more. Reload to get the present version.',
    sign: 'restore',
    action: 'reload',
  },
  [CloseCode.unauthorized]: BY_REASON['token-missing'],
  [CloseCode.forbidden]: BY_REASON['permission-denied'],
  [CloseCode.invalidDocument]: {
    title: 'Not found',
    words: 'No document can have this name. Check the address.',
    sign: 'missing',
    action: null,
  },
  [CloseCode.tooLarge]: {
    title: 'Too large',
    words: 'A change was larger than the server accepts, so syncing stopped.',
    sign: 'offline',
    action: 'reconnect',
  },
}

/** The ending that a close code and its reason stand for; the server's own words where they are not known here. */
export function endingOf(code: number, reason: string): Ending {
  const known = BY_REASON[reason as ErrorCode] ?? BY_CODE[code]
  if (known !== undefined) return known
  const words = reason === '' ? `The server closed the connection (${code}).` : sentence(reason)
  return { title: 'Disconnected', words, sign: 'offline', action: 'reconnect' }
}

function sentence(words: string): string {
  const start = words.charAt(0).toUpperCase() + words.slice(1)
  return /[.!?…]$/.test(start) ? start : `${start}.`
}
