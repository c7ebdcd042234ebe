/** Messages of the Hocuspocus dialect, written and read as a provider does. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

const SYNC_NAMES = ['step1', 'step2', 'update'] as const
const AUTH_NAMES = ['token please', 'denied', 'authenticated'] as const

/** A message of the server as `key: what it says`; throws on what a provider would not understand. */
export function describe(bytes: Uint8Array): string {
  if (bytes.length === 1) return `bare ${bytes[0]}`
  const decoder = decoding.createDecoder(bytes)
  const key = decoding.readVarString(decoder)
  const type = decoding.readVarUint(decoder)
  const what = (): string => {
    switch (type) {
      case 0:
        return `${SYNC_NAMES[decoding.readVarUint(decoder)]} ${decoding.readVarUint8Array(decoder).join(' ')}`
      case 1:
        return `awareness ${decoding.readVarUint8Array(decoder).length} bytes`
      case 2:
        return described(decoding.readVarUint(decoder), decoder)
      case 8:
        return `status ${decoding.readVarInt(decoder)}`
      default:
        throw new Error(`A provider cannot read message ${bytes.join(' ')}.`)
    }
  }
  const said = what()
  if (decoding.hasContent(decoder)) throw new Error(`Something follows in message ${bytes.join(' ')}.`)
  return `${key.replace('\0', '+')}: ${said}`
}

/** A token; providers from version 4 on add theirs. */
export function token(key: string, text = '', version?: string): Uint8Array {
  return message(key, 2, (encoder) => {
    encoding.writeVarUint(encoder, 0)
    encoding.writeVarString(encoder, text)
    if (version !== undefined) encoding.writeVarString(encoder, version)
  })
}

export const step1 = (key: string, stateVector: Uint8Array = new Uint8Array([0])): Uint8Array =>
  sync(key, 0, stateVector)
export const step2 = (key: string, update: Uint8Array = new Uint8Array([0, 0])): Uint8Array => sync(key, 1, update)
export const update = (key: string, bytes: Uint8Array): Uint8Array => sync(key, 2, bytes)

/** A message of any type; `body` is what follows the type. */
export function message(key: string, type: number, body: (encoder: encoding.Encoder) => void = () => {}): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, key)
    encoding.writeVarUint(encoder, type)
    body(encoder)
  })
}

function sync(key: string, type: number, bytes: Uint8Array): Uint8Array {
  return message(key, 0, (encoder) => {
    encoding.writeVarUint(encoder, type)
    encoding.writeVarUint8Array(encoder, bytes)
  })
}

/** An auth message; the question for a token has no text. */
function described(kind: number, decoder: decoding.Decoder): string {
  const name = AUTH_NAMES[kind] ?? 'nonsense'
  return kind === 0 ? name : `${name} ${decoding.readVarString(decoder)}`
}
