/** Package entry `weft/client`: for editors of one's own. Yjs comes along because a page may hold only one copy of it. */
export * as Y from 'yjs'
export { connect } from './connect.ts'
export type { Role } from '../../shared/roles.ts'
export type { Access, Auth, Client, ClientEvents, ClientState, ConnectionState, ConnectOptions, User } from './types.ts'
