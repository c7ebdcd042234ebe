/**
 * Where a request comes from. A proxy's word for it counts only when the proxy is one that was named: anybody can send
 * `X-Forwarded-For`.
 */
import { BlockList, isIP } from 'node:net'
import { SyncError } from '../../shared/errors.ts'
import { isLoopbackName } from './origins.ts'

/** The client's address, from the socket's and the request's `X-Forwarded-For`. Empty when the socket is gone. */
export type AddressOf = (remote: string | undefined, forwardedFor: string | undefined) => string

/** `proxies` are addresses or ranges such as `10.0.0.0/8`. Throws `invalid-request`. */
export function addressFinder(proxies: readonly string[]): AddressOf {
  const trusted = new BlockList()
  for (const proxy of proxies) trust(trusted, proxy)
  const isTrusted = (address: string): boolean => {
    return isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return (remote, forwardedFor) => {
    let address = unmapped(remote ?? '')
    if (proxies.length === 0 || forwardedFor === undefined) return address
    // Each proxy adds who asked it at the end, so what lies before the first one we do not trust is hearsay.
    for (const hop of forwardedFor.split(',').toReversed()) {
      const named = unmapped(hop.trim())
      if (!isTrusted(address) || isIP(named) === 0) break
      address = named
    }
    return address
  }
}

/**
 * What limits count by: one home or office has a whole /64 of IPv6 addresses. Null where they do not hold.
 *
 * Loopback is not limited. Whoever runs programs on this machine can do worse than send fast, and where a proxy that was
 * not named stands before the server, everybody seems to come from there.
 */
export function limitKeyOf(address: string): string | null {
  if (address === '' || isLoopbackName(address)) return null
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('::')
  const before = head.split(':').filter(Boolean)
  const after = tail?.split(':').filter(Boolean) ?? []
  const groups = [
    ...before,
    ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0'),
    ...after,
  ]
  return `${groups.slice(0, 4).join(':')}::/64`
}

function trust(trusted: BlockList, proxy: string): void {
  const [address = '', bits] = proxy.split('/')
  const family = isIP(address)
  try {
    if (family === 0) throw new TypeError('not an address')
    if (bits === undefined) trusted.addAddress(address, family === 6 ? 'ipv6' : 'ipv4')
    else trusted.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4')
  } catch (cause) {
    throw new SyncError('invalid-request', `Proxy "${proxy}" is neither an address nor a range such as 10.0.0.0/8.`, {
      cause,
    })
  }
}

/** Dual-stack sockets write IPv4 addresses as IPv6 ones. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
