/** Package entry `weft/editor`: importing it registers `<weft-editor>`, once, whoever else imports it too. */
import { WeftEditor } from './weft-editor.ts'

export * as Y from 'yjs'
export { WeftEditor }
export type { WeftEvents } from './events.ts'
export type { Person } from './presence.ts'
export type { Status, Tone } from './status.ts'
export type { CommandName, CommandValue } from './types.ts'
export type { Client, ClientState, ConnectionState, User } from '../client/types.ts'

if (customElements.get('weft-editor') === undefined) customElements.define('weft-editor', WeftEditor)
