/** Keeps the title field and the document's `meta.title` the same. */
import type { Client } from '../client/types.ts'

const TITLE_KEY = 'title'

/** Binds `field` to the title of the client's document, and tells of each title. Returns what unbinds it. */
export function bindTitle(field: HTMLInputElement, client: Client, onTitle: (title: string) => void): () => void {
  const meta = client.doc.getMap('meta')
  const listening = new AbortController()

  const show = (): void => {
    const value: unknown = meta.get(TITLE_KEY)
    const title = typeof value === 'string' ? value : ''
    // Setting an equal value would still move the caret of whoever types here.
    if (field.value !== title) field.value = title
    onTitle(title)
  }
  const write = (): void => {
    if (field.value !== (meta.get(TITLE_KEY) ?? '')) meta.set(TITLE_KEY, field.value)
  }

  meta.observe(show)
  field.addEventListener('input', write, { signal: listening.signal })
  field.disabled = false
  show()
  return () => {
    meta.unobserve(show)
    listening.abort()
    field.disabled = true
  }
}
