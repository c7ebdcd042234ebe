/**
 * The commit of a large update: its bytes go ahead in parts, between which others commit, and one small transaction then
 * makes them count. Before that nothing of it is there, whatever happens.
 */
import type { Seq } from '../../shared/ids.ts'
import { release } from '../threads/release.ts'
import { carryChecksum } from './checksum.ts'
import type { LargeCommit } from './engine-calls.ts'
import { nameParts } from './journal-payload.ts'
import { Encoding } from './segment-format.ts'
import type { Storage } from './storage.ts'

export interface LargeCommitSeams {
  readonly partBytes: number
  /** Resolves when the next transaction has its turn; rejects when `storage` is not to be written any more. */
  readonly turn: () => Promise<void>
}

/** Writes it to `storage` and returns the first seqs. What a failure leaves behind goes before the next one is written. */
export async function commitLarge(
  { parts, journal, clientOwners, courtesy }: Storage,
  { payload, bytes, owners }: LargeCommit,
  { partBytes, turn }: LargeCommitSeams,
): Promise<Seq[]> {
  do await turn()
  while (parts.removeGarbage())
  const id = parts.begin()
  try {
    let checksum = 0
    for (let number = 0; number * partBytes < bytes.length; number++) {
      const part = bytes.subarray(number * partBytes, (number + 1) * partBytes)
      parts.write(id, number, part)
      checksum = carryChecksum(checksum, part)
      await turn()
    }
    nameParts(payload, { id, checksum })
    courtesy.noteCommit()
    const finish = (): void => {
      clientOwners.save(owners)
      parts.finish(id)
    }
    return journal.commit(payload, finish, Encoding.large) as Seq[]
  } catch (thrown) {
    parts.abandon(id)
    throw thrown
  } finally {
    release(bytes)
  }
}
