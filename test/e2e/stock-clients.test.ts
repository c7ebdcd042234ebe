/** The published y-websocket providers against the built server, in a process of its own. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket as NodeWebSocket } from 'ws'
import * as Y from 'yjs'
import { type StockClient, stockClient, stockVersions, weftClient } from '../support/clients.ts'
import { until } from '../support/eventually.ts'
import { runServerProcess } from '../support/server.ts'

// With `resyncInterval` the providers look for the browser's global.
beforeEach(() => void vi.stubGlobal('WebSocket', NodeWebSocket))
afterEach(() => void vi.unstubAllGlobals())

/** One of everything Yjs has. */
function fill({ doc }: { readonly doc: Y.Doc }): void {
  doc.transact(() => {
    doc.getText('text').applyDelta([{ insert: 'plain ' }, { insert: 'bold 😀', attributes: { bold: true } }])
    doc.getMap('map').set('nested', new Y.Map(Object.entries({ a: 1, b: [true, null], c: 'ü' })))
    doc.getArray('array').push(['one', 2, { three: 3 }, new Uint8Array([4, 5])])
    const paragraph = new Y.XmlElement('p')
    paragraph.setAttribute('class', 'first')
    paragraph.insert(0, [new Y.XmlText('in XML')])
    doc.getXmlFragment('xml').insert(0, [paragraph, new Y.XmlElement('hr')])
  })
}

/** Everything `fill` makes, as plain values. */
function contentOf({ doc }: { readonly doc: Y.Doc }): unknown {
  return {
    text: doc.getText('text').toDelta() as unknown,
    map: doc.getMap('map').toJSON(),
    array: doc.getArray('array').toJSON(),
    xml: doc.getXmlFragment('xml').toJSON(),
  }
}

function stateOf({ doc }: { readonly doc: Y.Doc }): string {
  return Buffer.from(Y.encodeStateVector(doc)).toString('hex')
}

async function untilEqual(...clients: readonly StockClient[]): Promise<void> {
  await until(() => new Set(clients.map(stateOf)).size === 1)
  const contents = clients.map((client) => [contentOf(client), client.text.toJSON()])
  for (const content of contents) expect(content).toEqual(contents[0])
}

function namesSeenBy({ provider }: StockClient): string[] {
  return Array.from(provider.awareness.getStates().values(), (state) => String(state['name'])).toSorted((left, right) =>
    left.localeCompare(right),
  )
}

/** Waits for so many messages of any kind. */
async function hear({ traffic }: StockClient, messages: number): Promise<void> {
  const before = traffic.heard
  await until(() => traffic.heard >= before + messages)
}

describe.each(stockVersions)('y-websocket %s', (version) => {
  test('[SC1] text, map, array and XML reach the others, those who come later included', async () => {
    const { wsUrl } = await runServerProcess()
    const [writer, reader] = [stockClient(version, wsUrl, 'plan'), stockClient(version, wsUrl, 'plan')]
    await until(() => writer.provider.synced && reader.provider.synced)
    fill(writer)
    reader.text.insert(0, 'answer')
    await untilEqual(writer, reader)
    const late = stockClient(version, wsUrl, 'plan')
    await untilEqual(writer, late)
    expect(contentOf(late)).toEqual(contentOf(writer))
    expect(late.provider.synced).toBe(true)
  })

  test('[SC2] everybody sees who is here, and not those who left', async () => {
    const { wsUrl } = await runServerProcess()
    const [ada, ben] = [stockClient(version, wsUrl, 'plan'), stockClient(version, wsUrl, 'plan')]
    ada.provider.awareness.setLocalStateField('name', 'Ada')
    ben.provider.awareness.setLocalStateField('name', 'Ben')
    await until(() =>
      expect([namesSeenBy(ada), namesSeenBy(ben)]).toEqual([
        ['Ada', 'Ben'],
        ['Ada', 'Ben'],
      ]),
    )
    ben.provider.disconnect()
    await until(() => expect(namesSeenBy(ada)).toEqual(['Ada']))
    // Clients renew their states by themselves every 15 s; these do no more.
    for (const { provider } of [ada, ben]) clearInterval(Reflect.get(provider.awareness, '_checkInterval'))
    ben.provider.connect()
    await until(() => expect(namesSeenBy(ada)).toEqual(['Ada', 'Ben']))
  })

  test('[SC3] what was typed while the server was dead arrives when it is back, and nothing from before is lost', async () => {
    const server = await runServerProcess()
    const [left, right] = [stockClient(version, server.wsUrl, 'plan'), stockClient(version, server.wsUrl, 'plan')]
    await until(() => left.provider.synced && right.provider.synced)
    fill(left)
    await untilEqual(left, right)
    await server.kill()
    await until(() => !left.provider.wsconnected && !right.provider.wsconnected)
    left.text.insert(0, 'left ')
    right.text.insert(0, 'right ')
    left.doc.getArray('array').delete(0, 1)
    await server.start()
    await untilEqual(left, right)
    expect(['left right ', 'right left ']).toContain(left.text.toJSON())
    expect(left.doc.getArray('array').length).toBe(3)
    const late = stockClient(version, server.wsUrl, 'plan')
    await untilEqual(left, late)
  })

  test('[SC4] a room’s name may hold spaces, slashes and any letter, and each name is a room of its own', async () => {
    const { wsUrl } = await runServerProcess()
    const rooms = ['team/2024 plan', 'team', 'team/2024', 'größe/日本語 😀', 'a+b&c=d', 'a b']
    for (const room of rooms) {
      const writer = stockClient(version, wsUrl, room)
      const reader = stockClient(version, wsUrl, room)
      writer.text.insert(0, room)
      await until(() => reader.text.toJSON() === room)
    }
  })

  test('[SC5] a client that asks again and again stays synced and is sent nothing twice', async () => {
    const { wsUrl } = await runServerProcess()
    const asking = stockClient(version, wsUrl, 'plan', { resyncInterval: 20 })
    const writer = stockClient(version, wsUrl, 'plan')
    await until(() => asking.provider.synced && writer.provider.synced)
    writer.text.insert(0, 'once')
    await until(() => asking.text.toJSON() === 'once')
    // Questions that crossed the update on its way are answered with the update; those after it with nothing.
    await hear(asking, 20)
    const { received } = asking.traffic
    await hear(asking, 20)
    expect(asking.traffic.received).toBe(received)
    expect(asking.syncs).toEqual([true])
  })

  test('[SC6] each update goes to each client once, its author included, and silence is no reason to reconnect', async () => {
    // Long enough for a busy machine to answer a ping, or the server would be right to drop a client.
    const { wsUrl } = await runServerProcess('--keep-alive-ms', '2000')
    const [writer, reader] = [stockClient(version, wsUrl, 'plan'), stockClient(version, wsUrl, 'plan')]
    await until(() => writer.provider.synced && reader.provider.synced)
    const before = { writer: { ...writer.traffic }, reader: { ...reader.traffic } }
    for (let edit = 0; edit < 100; edit++) writer.text.insert(edit, 'x')
    await untilEqual(writer, reader)
    await until(() => writer.traffic.received >= before.writer.received + 100)
    await hear(reader, 2)
    expect(writer.traffic.sent - before.writer.sent).toBe(100)
    expect(writer.traffic.received - before.writer.received).toBe(100)
    expect(reader.traffic.received - before.reader.received).toBe(100)
    expect(reader.traffic.sent - before.reader.sent).toBe(0)
    expect([writer.syncs, reader.syncs]).toEqual([[true], [true]])
  })

  test('[SC7] it edits together with Weft’s own client, each seeing the other', async () => {
    const { url, wsUrl } = await runServerProcess()
    const stock = stockClient(version, wsUrl, 'team/plan 1')
    const own = weftClient(url, 'team/plan 1', { user: { id: 'ada', name: 'Ada' } })
    stock.provider.awareness.setLocalStateField('name', 'Stock')
    await own.whenSynced
    own.doc.getText('content').insert(0, 'own')
    await until(() => stock.text.toJSON() === 'own')
    stock.text.insert(3, ' and stock')
    await until(() => own.doc.getText('content').toJSON() === 'own and stock' && own.unsaved === 0)
    await until(() => {
      expect(stock.provider.awareness.getStates().get(own.doc.clientID)?.['user']).toMatchObject({ name: 'Ada' })
      expect(own.awareness.getStates().get(stock.doc.clientID)).toEqual({ name: 'Stock' })
    })
  })
})

test('[SC8] clients of all versions share a room', async () => {
  const { wsUrl } = await runServerProcess()
  const clients = stockVersions.map((version) => stockClient(version, wsUrl, 'plan'))
  await until(() => clients.every(({ provider }) => provider.synced))
  for (const client of clients) fill(client)
  await untilEqual(...clients)
})
