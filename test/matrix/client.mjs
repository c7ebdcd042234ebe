/**
 * Published clients of one family, in a process of their own, told over IPC what to do: two copies of Yjs in one
 * process would not know each other's types.
 *
 * Copied into the folder the family's packages are installed in, so that imports find exactly those.
 * Call: `{ id, call, args }` with a function below; answer: `{ id, value }` or `{ id, error }`.
 */
import { WebSocket } from 'ws'

/** Per package how its users make a client of it. */
const FAMILIES = {
  async 'y-websocket'() {
    const { WebsocketProvider } = await import('y-websocket')
    return openYWebsocket(WebsocketProvider)
  },
  async '@y/websocket'() {
    const { WebsocketProvider } = await import('@y/websocket')
    return openYWebsocket(WebsocketProvider)
  },
  '@hocuspocus/provider': openHocuspocus,
  '@y-sweet/client': openYSweet,
}

const [packageName] = process.argv.slice(2)
const Y = await import(packageName === '@y/websocket' ? '@y/y' : 'yjs')
const openClient = await FAMILIES[packageName]()
const clients = new Map()

const calls = {
  /** Connects a client to a document; `socketOf` names one whose socket it shares, `token` is what it brings. */
  open(name, url, document, { socketOf, token } = {}) {
    const doc = new Y.Doc()
    // Yjs 14 has one type for everything.
    const text = 'getText' in doc ? doc.getText('content') : doc.get('content')
    const network = clients.get(socketOf)?.network ?? networkSwitch()
    const access = { token, denials: 0 }
    const client = openClient({ url, document, doc, network, access, socket: clients.get(socketOf)?.socket })
    clients.set(name, { doc, text, network, access, ...client })
  },
  insert: (name, at, string) => clients.get(name).text.insert(at, string),
  text: (name) => clients.get(name).text.toString(),
  length: (name) => clients.get(name).text.length,
  isSynced: (name) => clients.get(name).isSynced(),
  /** Whether the client's own signs say that all it did is saved; null where it has none. */
  isSaved: (name) => clients.get(name).isSaved?.() ?? null,
  introduce: (name, as) => clients.get(name).awareness.setLocalStateField('name', as),
  names: (name) =>
    [...clients.get(name).awareness.getStates().values()].map((state) => state.name ?? '').filter((as) => as !== ''),
  setToken(name, token) {
    const { access, renew } = clients.get(name)
    access.token = token
    renew?.(token)
  },
  denials: (name) => clients.get(name).access.denials,
  /** Cuts the client off, and lets it reach the server again. */
  cut: (name) => clients.get(name).network.cut(),
  mend: (name) => clients.get(name).network.mend(),
  close(name) {
    const { close, doc } = clients.get(name)
    close()
    doc.destroy()
  },
}

process.on('message', ({ id, call, args }) => {
  try {
    process.send({ id, value: calls[call](...args) })
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) })
  }
})
process.on('disconnect', () => process.exit())
process.send({ id: 0 })

/** Sockets that can be cut all at once, and cannot be opened while they are. */
function networkSwitch() {
  const sockets = new Set()
  let isCut = false
  class Socket extends WebSocket {
    constructor(url, protocols) {
      // Nobody listens on the discard port.
      super(isCut ? 'ws://127.0.0.1:9' : url, protocols)
      sockets.add(this)
      this.on('close', () => sockets.delete(this))
      // Providers of some versions listen late.
      this.on('error', () => {})
    }
  }
  return {
    Socket,
    cut() {
      isCut = true
      for (const socket of sockets) socket.terminate()
    },
    mend() {
      isCut = false
    },
  }
}

function openYWebsocket(WebsocketProvider) {
  return ({ url, document, doc, network, access }) => {
    const server = `${url.replace('http', 'ws')}/ws`
    const provider = new WebsocketProvider(server, document, doc, {
      // Clients of one process would otherwise hear each other without the server.
      disableBc: true,
      WebSocketPolyfill: network.Socket,
      params: access.token === undefined ? {} : { token: access.token },
    })
    provider.on('connection-close', (event) => {
      if (event?.code === 4401 || event?.code === 4403) access.denials++
    })
    return {
      awareness: provider.awareness,
      isSynced: () => provider.synced,
      // Read again each time it connects; the oldest versions keep nothing but the whole URL.
      renew: (token) => {
        if (provider.params === undefined) provider.url = provider.url.replace(/token=[^&]*/, `token=${token}`)
        else provider.params.token = token
      },
      close: () => provider.destroy(),
    }
  }
}

async function openHocuspocus() {
  const { HocuspocusProvider, HocuspocusProviderWebsocket } = await import('@hocuspocus/provider')
  return ({ url, document, doc, network, access, socket }) => {
    const websocketProvider =
      socket ??
      new HocuspocusProviderWebsocket({
        url: `${url.replace('http', 'ws')}/hocuspocus`,
        WebSocketPolyfill: network.Socket,
        // Its default; said here since the cells measure how long a client is away.
        delay: 1000,
      })
    let isAuthenticated = false
    const provider = new HocuspocusProvider({
      websocketProvider,
      name: document,
      document: doc,
      token: () => access.token ?? 'any',
      broadcast: false,
      // Only version 4 knows it; others ignore it.
      sessionAwareness: socket !== undefined,
      onAuthenticationFailed: () => {
        access.denials++
      },
      onAuthenticated: () => {
        isAuthenticated = true
      },
    })
    // Since version 3 a provider that shares a socket attaches itself only when told to.
    provider.attach?.()
    return {
      socket: websocketProvider,
      awareness: provider.awareness,
      isSynced: () => provider.synced && isAuthenticated,
      isSaved: () => provider.unsyncedChanges === 0,
      close() {
        provider.destroy()
        if (socket === undefined) websocketProvider.destroy()
      },
    }
  }
}

async function openYSweet() {
  const { createYjsProvider } = await import('@y-sweet/client')
  return ({ url, document, doc, network, access }) => {
    const authorize = async () => {
      const headers = access.token === undefined ? {} : { authorization: `Bearer ${access.token}` }
      const response = await fetch(`${url}/doc/${document}/auth`, { method: 'POST', headers })
      if (response.status === 401 || response.status === 403) access.denials++
      return response.json()
    }
    const provider = createYjsProvider(doc, document, authorize, {
      WebSocketPolyfill: network.Socket,
      showDebuggerLink: false,
    })
    return {
      awareness: provider.awareness,
      isSynced: () => provider.synced,
      isSaved: () => !provider.hasLocalChanges,
      close() {
        // It would otherwise connect again as soon as its socket is closed.
        network.cut()
        provider.destroy()
      },
    }
  }
}
