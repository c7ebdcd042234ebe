/**
 * Honest work on large documents, of the kinds that hostile cases imitate. What a server needs for it, it needs
 * anyway; what hostile cases take is what comes on top.
 */
import { randomInt } from 'node:crypto'
import * as Y from 'yjs'
import type { Target } from './attack.ts'
import { join, repeat, varUint } from './bytes.ts'
import { HonestClient } from './honest-client.ts'
import { block, item, letters } from './structs.ts'
import type { WireName } from './wires.ts'

/** As many as the corpus' largest document has: what a document of that size takes is not what being hostile takes. */
const AUTHORS = 50_000
const MEGABYTE = 'lorem ipsum '.repeat(87_000)

/** Somebody brings a document of many authors and pastes a megabyte; somebody else reads along; a third comes later. */
export async function workHonestly({ port, wire: wireOf, patienceMs }: Target, name: WireName): Promise<void> {
  const wire = wireOf(name)
  if (wire === null) return
  const document = `honest-${randomInt(2 ** 40)}`
  const meet = (who: string): Promise<HonestClient> =>
    HonestClient.join(port, wire, { document, name: who, patienceMs })
  const people = [await meet('alice'), await meet('bob')]
  const [alice, bob] = people
  if (alice === undefined || bob === undefined) return
  Y.applyUpdate(alice.doc, ofManyAuthors())
  alice.type(MEGABYTE)
  const length = alice.text.length
  const isTold = await bob.until(() => bob.text.length === length, patienceMs)
  people.push(await meet('carol'))
  for (const person of people) person.close()
  if (!isTold) throw new Error('Honest work was not taken.')
}

/** Each goes on where the one before stopped. */
function ofManyAuthors(): Uint8Array {
  const letter = (author: number): Uint8Array =>
    block(author, 0, item(letters('x'), author === AUTHORS ? undefined : { left: [author + 1, 0] }))
  return join(
    varUint(AUTHORS),
    repeat(AUTHORS, (at) => letter(AUTHORS - at)),
    0,
  )
}
