/** Bugs to plant: each breaks a promise in a way that only some order of events shows. */
import type { Mutant } from '../mutants/mutant.ts'

/** By what each of them does. */
export const plantedBugs: Readonly<Record<string, Mutant>> = {
  'acknowledges before the disk has flushed': {
    module: 'simulation/disk-store.js',
    find: 'await flushed;\n        if',
    replace: 'if',
  },
  'truncates the journal before what it moved is flushed': {
    module: 'simulation/disk-store.js',
    find: '.flat() }));\n        await this.#flush();',
    replace: '.flat() }));',
  },
  'forgets what was in flight when a connection is lost': {
    module: 'client/save-tracker.js',
    find: 'this.#uncovered += this.#covered;',
    replace: '',
  },
  'sends nothing that was typed without a connection': {
    module: 'y-protocols/sync.js',
    find: 'writeSyncStep2(encoder, doc, decoding.readVarUint8Array(decoder))',
    replace: 'writeSyncStep2(encoder, new Y.Doc(), decoding.readVarUint8Array(decoder))',
  },
  'forgets after a reload that something is unsaved': {
    module: 'client/client.js',
    find: 'this.#unsaved.add(copy.unsavedBefore);',
    replace: ';',
  },
  'acknowledges what is not committed': {
    module: 'core/saved-mark.js',
    find: 'if (position === null || position > committed)',
    replace: 'if (position === null)',
  },
  'acknowledges what waits for something else': {
    module: 'core/saved-mark.js',
    find: 'if (position === null || position > committed)',
    replace: 'if (position !== null && position > committed)',
  },
  'takes a failed commit for a good one': {
    module: 'core/committer.js',
    find: 'this.#failed(batch, thrown);',
    replace: 'return batch.documents.map(() => 1);',
  },
  'lets what follows a large update go before it': {
    module: 'core/committer.js',
    find: 'this.#occupied.add(source);',
    replace: '',
  },
  'shows whoever joins nothing of what is committed meanwhile': {
    module: 'core/feed.js',
    find: 'await this.#catchUp(seq);',
    replace: 'this.#isLive = true;',
  },
  'shows whoever was behind nothing of what they missed': {
    module: 'core/room.js',
    find: 'member.fallBehind(before);',
    replace: 'member.fallBehind(this.#head);',
  },
  'shows deletions before their commit': {
    module: 'core/room.js',
    find: 'if (this.#accepted !== this.#committed)',
    replace: 'if (false)',
  },
}

/** The room is dropped while what it took is not on the disk yet. */
export const unloadsTooEarly: Mutant = {
  module: 'core/room.js',
  find: 'this.#members.size === 0 && this.#accepted === this.#committed && this.#verifications.isIdle',
  replace: 'this.#members.size === 0',
}
