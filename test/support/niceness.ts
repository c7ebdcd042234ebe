/** Which threads of a process let others go first. */
import { readdirSync, readFileSync } from 'node:fs'

/** Of each thread by its id, the oldest one first. */
export function nicenessOf(pid: number): ReadonlyMap<string, number> {
  const threads = readdirSync(`/proc/${pid}/task`).toSorted((a, b) => Number(a) - Number(b))
  // Field 19 of proc_pid_stat(5); the name before it, in parentheses, may hold spaces.
  return new Map(
    threads.map((thread) => {
      const fields = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return [thread, Number(fields[16])]
    }),
  )
}
