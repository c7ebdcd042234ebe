/** Says what is going on: on a terminal in one line that changes, elsewhere now and then in a line of its own. */

const LINE_EVERY_MS = 10_000

/** What shows a line; an empty one clears it. */
export function progressOn(stream: NodeJS.WriteStream): (line: string) => void {
  if (stream.isTTY) return (line) => void stream.write(`\r\u001b[K${line}`)
  let saidMs = performance.now()
  return (line) => {
    if (line === '' || performance.now() - saidMs < LINE_EVERY_MS) return
    saidMs = performance.now()
    stream.write(`${line}\n`)
  }
}
