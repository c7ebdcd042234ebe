/** Sessions whose tokens are a test's to say, looked at by hand. */
import { expect } from 'vitest'
import * as Y from 'yjs'
import { yWebsocketWithSaved } from '../../server/dialects/y-websocket.ts'
import type { Authorizer, Grant } from '../../server/ports/authorizer.ts'
import type { Dialect } from '../../server/ports/dialect.ts'
import { SyncError } from '../../shared/errors.ts'
import { accessBy, grantOf } from './access.ts'
import { eventually } from './eventually.ts'
import { type Message, read, step1, step2 } from './messages.ts'
import type { Joined, RoomsBench } from './rooms.ts'

/** What each token gives; what is not here is `token-invalid`. Tests change it as they go. */
export type Tokens = Record<string, Partial<Grant> | SyncError>

export function authorizerOf(tokens: Tokens): Authorizer {
  return {
    requiresToken: true,
    authorize({ token: text }) {
      const given = tokens[text ?? ''] ?? new SyncError('token-invalid', 'No such token.')
      if (given instanceof SyncError) return Promise.reject(given)
      return Promise.resolve(grantOf({ author: { user: 'ann', name: 'Ann' }, ...given }))
    },
  }
}

export const viewer = { role: 'viewer' } as const
export const editor = { role: 'editor' } as const

/** One update for each letter. */
export function typed(text: string): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (bytes: Uint8Array) => void updates.push(bytes))
  for (const letter of text) doc.getText('t').insert(doc.getText('t').length, letter)
  return updates
}

/** Joins with a token and a given authorizer; what was said on joining is taken off. */
export async function enter(bench: RoomsBench, tokens: Tokens, dialect: Dialect = yWebsocketWithSaved) {
  const access = accessBy(authorizerOf(tokens), { expiryGraceMs: 10_000 })
  const joined = await bench.join('first', dialect, access)
  joined.session.receive(step1(new Uint8Array([0])))
  await eventually(() => expect(joined.session.isLive).toBe(true))
  joined.session.receive(step2(new Uint8Array([0, 0])))
  joined.connection.take()
  return { ...joined, access }
}

/** What was said since the last call. */
export const said = ({ connection }: Pick<Joined, 'connection'>): Message[] => connection.take().map(read)

/** Waits until something was said, and gives it. */
export async function hears(joined: Pick<Joined, 'connection'>): Promise<Message[]> {
  return eventually(() => {
    const messages = said(joined)
    expect(messages).not.toEqual([])
    return messages
  })
}

export const refused = (frame: number, reason: string): Message => ({ type: 'refused', frame, reason })
