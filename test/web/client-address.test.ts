import { describe, expect, test } from 'vitest'
import { addressOf } from '../../web/client/address.ts'

describe('the address of a document', () => {
  test.each([
    ['http://weft.test', 'ws://weft.test/ws'],
    ['https://weft.test/', 'wss://weft.test/ws'],
    ['wss://weft.test:8443/docs/', 'wss://weft.test:8443/docs/ws'],
    ['ws://[::1]:4321/?a=1#b', 'ws://[::1]:4321/ws'],
  ])('[CL10] server %s is reached at %s', (server, serverUrl) => {
    expect(addressOf(server, 'plan').serverUrl).toBe(serverUrl)
  })

  test.each([
    ['plan', 'plan'],
    ['team/2024 plan', 'team/2024%20plan'],
    ['größe/日本語', 'gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC%E8%AA%9E'],
    ['a?b#c%d', 'a%3Fb%23c%25d'],
    ['a\\b', 'a%5Cb'],
    ['a/../b', 'a%2F..%2Fb'],
    ['./a', '.%2Fa'],
    ['/a//b/', '/a//b/'],
  ])('[CL11] document %s arrives at a server that decodes the path whole', (document, roomName) => {
    const address = addressOf('http://weft.test', document)
    expect(address.roomName).toBe(roomName)
    const { pathname } = new URL(`${address.serverUrl}/${address.roomName}`)
    expect(decodeURIComponent(pathname.slice('/ws/'.length))).toBe(document)
  })

  test.each(['', '  ', '.', '..', 'a\u0000b', '\ud800'])('[CL12] document %j is refused', (document) => {
    expect(() => addressOf('http://weft.test', document)).toThrow(
      expect.objectContaining({ code: 'invalid-document-id' }),
    )
  })

  test.each([null, 'weft.test', 'ftp://weft.test', ''])('[CL13] %j is refused as a server', (server) => {
    expect(() => addressOf(server, 'plan')).toThrow(expect.objectContaining({ code: 'invalid-request' }))
  })
})
