/**
 * The one option table: command line flag, environment variable, default and help text of every option come
 * from here. Units are in the names.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'

interface NumberRow {
  readonly default: number
  readonly min: number
  readonly help: string
}

interface TextRow {
  readonly default: string
  readonly help: string
  readonly choices?: readonly string[]
}

interface SwitchRow {
  readonly default: false
  readonly help: string
}

type Row = NumberRow | TextRow | SwitchRow

const KIB = 1024
const MIB = 1024 * KIB

const table = {
  port: { default: 4321, min: 0, help: 'port to listen on; 0 takes a free one' },
  host: { default: '127.0.0.1', help: 'address to listen on' },
  data: { default: './data', help: 'folder that holds the documents; made when missing' },
  open: { default: false, help: 'allow an address others can reach although anybody who reaches it may edit' },
  origins: {
    default: '',
    help: 'origins of pages that may embed the editor, separated by commas; pages on this machine always may',
  },
  publicUrl: {
    default: '',
    help: 'address at which clients reach this server, where a proxy stands before it; else the one they asked',
  },
  logLevel: {
    default: 'info',
    help: 'least severe log lines to write',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
  },
  // A Yjs client cannot cut its answer to step 1, so this is also the largest document an offline client can bring.
  maxFrameBytes: { default: 16 * MIB, min: 1 * KIB, help: 'largest message of a client' },
  behindBytes: {
    default: 1 * MIB,
    min: 1,
    help: 'unread bytes from which a client gets one diff later instead of each update',
  },
  // Over the largest message; what is written to somebody who does not read is answers to what they send.
  maxUnreadBytes: {
    default: 32 * MIB,
    min: 1,
    help: 'unread bytes over which a client that is to be sent more is sent away',
  },
  // A browser needs several times as much memory to open it.
  maxDocumentBytes: {
    default: 256 * MIB,
    min: 1,
    help: 'size from which on a document takes only what deletes as much as it adds',
  },
  maxHeldBytes: { default: 4 * MIB, min: 0, help: 'updates per room kept while what they build on is missing' },
  maxPendingBytes: { default: 64 * MIB, min: 1, help: 'updates per room that may wait for the disk' },
  maxUnwrittenBytes: { default: 256 * MIB, min: 1, help: 'updates of all rooms that may be in memory and not on disk' },
  maxStateVectorEntries: { default: 100_000, min: 1, help: 'client ids in a sync step 1' },
  awarenessWindowMs: { default: 50, min: 0, help: 'how long presence changes are gathered' },
  // Twice the carets of two hundred people who all move.
  awarenessBytesPerWindow: {
    default: 128 * KIB,
    min: 1,
    help: 'presence states sent in one such time; what is more waits for the next',
  },
  // A caret with a name and a color has 300 bytes.
  maxAwarenessStateBytes: {
    default: 16 * KIB,
    min: 1,
    help: 'presence state of one client; larger ones are not shown',
  },
  // A caret is four deep.
  maxAwarenessDepth: { default: 16, min: 1, help: 'nesting of a presence state; deeper ones are not shown' },
  maxAwarenessStatesPerConnection: { default: 2, min: 1, help: 'client ids one connection may show presence for' },
  // Stock clients repeat everybody's states, of which none is taken.
  maxAwarenessStatesPerMessage: {
    default: 1_000,
    min: 1,
    help: 'states read of one message; further ones are ignored',
  },
  // Some 2,500 client ids: reading it takes a fifth of a millisecond.
  largeStep1Bytes: {
    default: 16 * KIB,
    min: 1,
    help: 'size from which on a sync step 1 counts as large, and is read in a thread',
  },
  largeStep1PauseMs: { default: 1_000, min: 0, help: 'least time between two answers to large ones of one client' },
  jwtSecret: {
    default: '',
    help: 'secret that tokens are signed with, 32 bytes or more; better given as WEFT_JWT_SECRET',
  },
  jwtKeyFile: { default: '', help: 'file with the public key, or the key set, that tokens are checked with' },
  jwksUrl: { default: '', help: 'https address of such a key set' },
  jwtAlgorithms: { default: '', help: 'signatures that count, separated by commas; HS256 where a secret is given' },
  jwtIssuer: { default: '', help: 'whose tokens count: their "iss"' },
  jwtAudience: { default: '', help: 'the "aud" of tokens that are for this server' },
  jwtClockToleranceMs: { default: 5_000, min: 0, help: 'how far the clock of who issues tokens may be ahead' },
  maxTokenBytes: { default: 8 * KIB, min: 1, help: 'largest token that is looked at' },
  jwksCacheMs: { default: 600_000, min: 0, help: 'how long a fetched key set is good' },
  jwksCooldownMs: { default: 30_000, min: 0, help: 'least time between fetches because of a key that is not in it' },
  jwksTimeoutMs: { default: 5_000, min: 1, help: 'how long fetching a key set may take' },
  expiryGraceMs: {
    default: 10_000,
    min: 0,
    help: 'how long a client may stay after its token ended, to send a fresh one',
  },
  authTimeoutMs: { default: 60_000, min: 1, help: 'how long a client may take to send a token that lets it in' },
  // Hocuspocus' own limits, which its providers are made for.
  maxQueuedMessages: { default: 1_000, min: 0, help: 'messages of a client that wait until its document is open' },
  maxQueuedBytes: { default: 5 * MIB, min: 0, help: 'bytes of such messages, per document and client' },
  maxDocumentsPerConnection: { default: 500, min: 1, help: 'documents one connection may carry' },
  // 20 s: stock clients give up after 30 s of silence.
  keepAliveMs: { default: 20_000, min: 100, help: 'how often connections are pinged' },
  closeTimeoutMs: { default: 2_000, min: 1, help: 'how long a closing handshake may take' },
  shutdownTimeoutMs: { default: 4_500, min: 1, help: 'how long stopping may take before the process ends anyway' },
  // Folding that much takes the event loop some two milliseconds.
  sharedContentBytes: {
    default: 4 * MIB,
    min: 0,
    help: 'documents up to this size are read once for all who open them at a time; larger ones piece by piece for each',
  },
  inlineDiffBytes: { default: 64 * KIB, min: 0, help: 'documents up to this size are diffed without a thread' },
  chunkBytes: { default: 256 * KIB, min: 1 * KIB, help: 'size of the pieces in which large documents are sent' },
  roomIdleMs: { default: 15_000, min: 1, help: 'how long a document without readers stays in memory' },
  compactAfterUpdates: { default: 2_000, min: 1, help: 'updates after which a document is folded into a snapshot' },
  compactAfterBytes: { default: 64 * KIB, min: 1, help: 'bytes of updates after which it is folded at any rate' },
  // 8 ms: nobody feels it, and commits of a busy server hold tens of updates.
  commitGapMs: {
    default: 8,
    min: 0,
    help: 'under load, the least time from one commit to the next; up to twice that where showing one takes long',
  },
  // 6 ms: when fifty people type at once, every second letter finds one to share with, for a third less CPU.
  gatherMs: {
    default: 6,
    min: 0,
    help: 'how long a letter in a busy large room waits for another to share its commit',
  },
  // Some two milliseconds' work.
  maxCommitUpdatesPerRoom: {
    default: 500,
    min: 1,
    help: 'updates of one document in one commit; the rest goes with the next',
  },
  maxCommitBytesPerRoom: {
    default: 256 * KIB,
    min: 1,
    help: 'bytes of such updates, unless a single one is larger',
  },
  // Some two milliseconds' work.
  partBytes: {
    default: 256 * KIB,
    min: 1 * KIB,
    help: "larger updates are written in parts of this size, with other documents' commits in between",
  },
  retryCommitMinMs: { default: 100, min: 1, help: 'first pause after a failed commit' },
  // 2 s: writers are at work again well within 5 s of the disk having room.
  retryCommitMaxMs: { default: 2_000, min: 1, help: 'longest pause between tries to commit' },
  commentsRoot: { default: 'comments', help: 'name of the root type that commenters may change' },
  allowForeignClientIds: {
    default: false,
    help: 'let users bring what others typed, as when clients heal a server that lost its newest data',
  },
  // This much can be made to take the event loop 20 ms to read; nearly all updates have some thirty bytes.
  inlineWalkBytes: { default: 64 * KIB, min: 1, help: 'updates up to this size are read without a thread' },
  verifyOverBytes: {
    default: 4 * KIB,
    min: 0,
    help: 'updates with more new content are tried out before they are taken',
  },
  verifyOverStructs: { default: 256, min: 0, help: 'and so are updates of more single changes than this' },
  verifyTimeoutMs: { default: 10_000, min: 1, help: 'how long trying out may take; one that takes longer is refused' },
  // Ten times what honest documents need; twenty thousand inserts made to be slow need two hundred million.
  maxSiblingsWalked: {
    default: 100_000,
    min: 1,
    help: 'work an update may be to apply: neighbours it is compared with',
  },
  maxUpdateParts: { default: 100_000, min: 1, help: 'client ids and deleted ranges one update may name' },
  computeThreads: { default: 1, min: 1, help: 'threads for work on whole documents' },
  jobTimeoutMs: { default: 60_000, min: 1, help: 'how long one such piece of work may take' },
  maxQueuedJobs: { default: 1_000, min: 1, help: 'how many may wait' },
  // A thread starts within a tenth of a second, and keeps whatever its largest piece of work took.
  idleThreadMs: { default: 10_000, min: 1, help: 'after how long without work such a thread is ended' },
  trustedProxies: {
    default: '',
    help: 'addresses or ranges, separated by commas, of proxies whose X-Forwarded-For says where a client is',
  },
  // Limits by address and pace do not hold for loopback. They are far above what people do: an office behind one address has
  // hundreds of tabs, a shared connection joins its documents with four messages each, and an answer to step 1 is one message.
  maxConnectionsPerAddress: { default: 1_000, min: 1, help: 'connections from one address, or one IPv6 /64' },
  // A thousand tabs of an office are back within ten seconds; each takes about a millisecond.
  maxHandshakesPerSecond: {
    default: 100,
    min: 1,
    help: 'connections one address may open, on average; further ones wait',
  },
  // The next one then waits ten milliseconds, which nobody sees.
  handshakeBurst: { default: 1, min: 1, help: 'connections one address may open at once' },
  maxConnectionsPerUser: {
    default: 200,
    min: 1,
    help: 'documents that one user may have open, in all tabs and devices',
  },
  maxConnectionsPerDocument: { default: 5_000, min: 1, help: 'connections to one document' },
  maxFailedTokensPerMinute: { default: 300, min: 1, help: 'tokens from one address that are no good' },
  maxNewDocumentsPerHour: {
    default: 1_000,
    min: 1,
    help: 'documents that one address may open which do not exist yet',
  },
  // Over its pace a connection is not read, so that an offline document of 16 MiB takes 14 s rather than a refusal.
  maxMessagesPerSecond: { default: 200, min: 1, help: 'messages read of one connection, on average; others wait' },
  // Fifty documents joined at once on a shared connection.
  messageBurst: { default: 200, min: 1, help: 'messages read of one connection at once' },
  maxBytesPerSecond: { default: 1 * MIB, min: 1 * KIB, help: 'bytes read of one connection, on average; others wait' },
  // Whatever is opened, and all but the largest pastes.
  byteBurst: { default: 2 * MIB, min: 1 * KIB, help: 'bytes read of one connection at once' },
  // A message of somebody who types takes less than a tenth of a millisecond: hundreds behind one address can type at once.
  messageSharePercent: {
    default: 20,
    min: 1,
    help: 'part of the time that messages from one address may take; others wait',
  },
  // Some eighty letters. As long others may wait, again and again, where the storage thread has the same core.
  messageTimeBurstMs: { default: 2, min: 1, help: 'time that messages from one address may take at once' },
  // A history takes some ten milliseconds, so that fifty people behind one address have theirs within two seconds.
  maxRequestsAtOnce: {
    default: 2,
    min: 1,
    help: 'requests of one address that are answered at once; further ones wait',
  },
  maxWaitingRequests: { default: 1_000, min: 0, help: 'requests of one address that may wait' },
  requestSharePercent: { default: 25, min: 1, help: 'part of the time that requests of one address may take' },
  // Node's own are 60 s and 300 s.
  headersTimeoutMs: { default: 10_000, min: 1, help: 'how long the headers of a request may take to arrive' },
  requestTimeoutMs: { default: 30_000, min: 1, help: 'how long a whole request may take to arrive' },
  timelinePauseMs: { default: 120_000, min: 0, help: 'a pause this long begins a new entry in the history' },
} as const satisfies Record<string, Row>

type Widened<Value> = Value extends number ? number : Value extends string ? string : boolean

/** Every option with its value. */
export type Options = { readonly [Name in keyof typeof table]: Widened<(typeof table)[Name]['default']> }

/** Every option at its default. */
export const defaultOptions: Options = Object.fromEntries(
  Object.entries(table).map(([name, row]) => [name, row.default]),
  // The entries of the table are exactly the keys of Options.
) as unknown as Options

/** Adds options of the table to a command: all, or the named ones. `command.opts()` then is that part of Options. */
export function addOptions(command: Command, names = Object.keys(table) as (keyof Options)[]): Command {
  for (const name of names) command.addOption(toOption(name, table[name]))
  return command
}

function toOption(name: string, row: Row): Option {
  const words = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const environment = `WEFT_${words.replaceAll('-', '_').toUpperCase()}`
  if (row.default === false) return new Option(`--${words}`, row.help).env(environment).default(false)
  const option = new Option(`--${words} <value>`, row.help).env(environment).default(row.default)
  if ('min' in row) return option.argParser((text) => parseNumber(text, row.min))
  return row.choices === undefined ? option : option.choices(row.choices)
}

function parseNumber(text: string, min: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < min) {
    throw new InvalidArgumentError(`It has to be a whole number, at least ${min}.`)
  }
  return value
}
