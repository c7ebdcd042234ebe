/** Says on the screen what is going on: results go to standard output, progress to standard error. */

export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Overwrites the last line on a terminal; says nothing where there is none. */
export function tick(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`)
}

export function clearTick(): void {
  tick('')
}
