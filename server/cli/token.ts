/** `weft token <document>`: a token for trying out access control; in earnest a backend makes them. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { ROLES, type Role } from '../../shared/roles.ts'
import { mintToken } from '../app.ts'
import { addOptions, type Options } from '../config.ts'

interface TokenOptions extends Pick<Options, 'jwtSecret' | 'jwtAlgorithms' | 'jwtIssuer' | 'jwtAudience'> {
  readonly role: Role
  readonly user: string
  readonly name: string
  readonly prefix: boolean
  readonly minutes: number
}

export function token(): Command {
  const command = new Command('token')
    .description('make a token for trying out; takes the secret, issuer and audience of the server')
    .argument('<document>', 'name of the document it is for')
    .addOption(new Option('--role <role>', 'what it allows').choices(ROLES).default('editor'))
    .option('--user <id>', 'whose it is', 'somebody')
    .option('--name <name>', 'the name that others see', '')
    .option('--prefix', 'for all documents whose names begin with <document>', false)
    .option('--minutes <count>', 'how long it is good', parseMinutes, 60)
  return addOptions(command, ['jwtSecret', 'jwtAlgorithms', 'jwtIssuer', 'jwtAudience']).action(
    async (document: string, { prefix, ...options }: TokenOptions) => {
      console.log(await mintToken({ ...options, document, isPrefix: prefix }, options))
    },
  )
}

function parseMinutes(text: string): number {
  const minutes = Number(text)
  if (!Number.isSafeInteger(minutes) || minutes < 1) throw new InvalidArgumentError('It has to be a whole number.')
  return minutes
}
