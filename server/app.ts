/**
 * The composition root: with parts.ts and network.ts the only place that names concrete adapters.
 *
 * A start after a crash is a time in which nobody is served, and most of it is loading modules. What the start of a
 * server does not need is therefore imported by what needs it, and the network's half is loaded while the storage
 * thread loads its own and opens the folder.
 */
import { SyncError } from '../shared/errors.ts'
import type { VerifyReport } from '../shared/rest.ts'
import { embedderAuthorizer } from './auth/embedder.ts'
import { hasKeys } from './auth/key-options.ts'
import type { MintOptions, MintRequest } from './auth/mint.ts'
import type { Options } from './config.ts'
import { openAccess } from './core/open-access.ts'
import type { RunningServer } from './network.ts'
import { openParts, type Parts, type Relief } from './parts.ts'
import type { AuthorizeFunction } from './ports/authorize-function.ts'
import type { Authorizer } from './ports/authorizer.ts'
import type { ForeignSource } from './ports/foreign.ts'
import type { Log } from './ports/log.ts'
import { isLoopbackName } from './transport/origins.ts'

export type { RunningServer } from './network.ts'

/** What the command line works with when no server runs. */
export type Workshop = Pick<Parts, 'operator' | 'rooms' | 'close'>

/** What a program that runs a server in itself may decide. */
export interface Hooks extends Relief {
  /** Says what each client may do in each document; left out: tokens do, or everybody may do everything. */
  readonly authorize?: AuthorizeFunction
}

/** Opens a data folder that no server runs on. Rejects `storage-locked` when one does. */
export function openWorkshop(options: Options, log: Log): Promise<Workshop> {
  return openParts(options, log)
}

/** Checks every row in a data folder that may be open elsewhere, or cannot be opened. Changes nothing. */
export async function checkFolder(folder: string): Promise<VerifyReport> {
  const { checkStored } = await import('./store/checker.ts')
  return checkStored(folder)
}

/** Opens what another system left at `path`. Rejects `not-found` and `unreadable-source`. */
export async function openForeign(path: string): Promise<ForeignSource> {
  const { openForeignSource } = await import('./import/open-source.ts')
  return openForeignSource(path)
}

/** A token that a server with the same options takes. Rejects `invalid-request` when one of them is missing. */
export async function mintToken(request: MintRequest, options: MintOptions): Promise<string> {
  const { mintToken: mint } = await import('./auth/mint.ts')
  return mint(request, options)
}

/**
 * Starts a server. Rejects `storage-locked` when another process has the data folder, and `invalid-request` when
 * the options would open the documents to others without saying so.
 */
export async function startServer(
  options: Options,
  log: Log,
  { authorize, ...relief }: Hooks = {},
): Promise<RunningServer> {
  const authorizer = await authorizerOf(options, authorize)
  if (authorizer === openAccess && !isLoopbackName(options.host) && !options.open) {
    throw new SyncError(
      'invalid-request',
      `Anybody who reaches ${options.host} could read and edit every document; say who may with --jwt-secret, ` +
        '--jwt-key-file or --jwks-url, or add --open if that is meant.',
    )
  }
  const [parts, { serve }] = await Promise.all([openParts(options, log, relief), import('./network.ts')])
  try {
    return await serve({ parts, authorizer, log, options })
  } catch (thrown) {
    await parts.close()
    throw thrown
  }
}

/** A function of the program's own, tokens, or everybody. Rejects `invalid-request` when keys and options do not go together. */
async function authorizerOf(options: Options, authorize: AuthorizeFunction | undefined): Promise<Authorizer> {
  if (authorize !== undefined) return embedderAuthorizer(authorize)
  if (!hasKeys(options)) return openAccess
  const [{ JwtAuthorizer }, { loadKeys }] = await Promise.all([
    import('./auth/jwt-authorizer.ts'),
    import('./auth/keys.ts'),
  ])
  return new JwtAuthorizer(await loadKeys(options), options)
}
