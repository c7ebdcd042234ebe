/** Stub in progress. */
import type { UpdateShape } from './walk.ts'

export type Relation = 'known' | 'new' | 'gap'

export class Coverage {
  static empty(): Coverage {
    return new Coverage()
  }
  static decode(_bytes: Uint8Array): Coverage {
    throw new Error('not yet')
  }
  encode(): Uint8Array {
    throw new Error('not yet')
  }
  encodeStateVector(): Uint8Array {
    throw new Error('not yet')
  }
  clockOf(_client: number): number {
    throw new Error('not yet')
  }
  relation(_shape: UpdateShape): Relation {
    throw new Error('not yet')
  }
  add(_shape: UpdateShape): void {
    throw new Error('not yet')
  }
}
