/** The servers that are measured: how each is started, and what its clients speak. */
import { fileURLToPath } from 'node:url'
import * as protocols from '../wire/protocol.ts'
import type { Protocol } from '../wire/protocol.ts'

export interface Target {
  readonly name: TargetName
  readonly title: string
  readonly protocol: Protocol
  /** Whether documents outlive the process. */
  readonly keepsDocuments: boolean
  /** Node's arguments, the script first, and environment variables. */
  command(start: StartOptions): { readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> }
}

export interface StartOptions {
  readonly port: number
  /** An existing folder for whatever the server stores. */
  readonly folder: string
}

/** Seen from dist/bench/targets. */
const peers = fileURLToPath(new URL('../../../bench/', import.meta.url))
const weftMain = fileURLToPath(new URL('../../server/main.js', import.meta.url))

const yWebsocketServer = `${peers}node_modules/y-websocket/bin/server.js`
const exitOnSigterm = ['--import', `${peers}peers/exit-on-sigterm.mjs`]

export const TARGET_NAMES = ['raw', 'y-websocket', 'y-leveldb', 'hocuspocus', 'weft'] as const

export type TargetName = (typeof TARGET_NAMES)[number]

export const targets: Readonly<Record<TargetName, Target>> = {
  raw: {
    name: 'raw',
    title: 'raw `ws` relay',
    protocol: protocols.relay,
    keepsDocuments: false,
    command: ({ port }) => ({ args: [`${peers}peers/raw-relay.mjs`, String(port)] }),
  },
  'y-websocket': {
    name: 'y-websocket',
    title: 'y-websocket 1.5.4 (memory)',
    protocol: protocols.yWebsocket,
    keepsDocuments: false,
    command: ({ port }) => ({
      args: [...exitOnSigterm, yWebsocketServer],
      env: { HOST: '127.0.0.1', PORT: String(port) },
    }),
  },
  'y-leveldb': {
    name: 'y-leveldb',
    title: 'y-websocket 1.5.4 (leveldb)',
    protocol: protocols.yWebsocket,
    keepsDocuments: true,
    command: ({ port, folder }) => ({
      args: [...exitOnSigterm, yWebsocketServer],
      env: { HOST: '127.0.0.1', PORT: String(port), YPERSISTENCE: folder },
    }),
  },
  hocuspocus: {
    name: 'hocuspocus',
    title: 'Hocuspocus 4.7 + SQLite',
    protocol: protocols.hocuspocus,
    keepsDocuments: true,
    command: ({ port, folder }) => ({ args: [`${peers}peers/hocuspocus.mjs`, String(port), folder] }),
  },
  weft: {
    name: 'weft',
    title: 'Weft',
    protocol: protocols.weft,
    keepsDocuments: true,
    command: ({ port, folder }) => ({
      args: [weftMain, 'serve', '--port', String(port), '--data', folder, '--log-level', 'silent'],
    }),
  },
}
