/** A progress bar on standard error, where somebody looks at it. */
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  step(): void
  stop(): void
}

/** Draws nothing unless standard error is a terminal. */
export function showProgress(total: number, label: string): Progress {
  const bar = new SingleBar(
    { format: `${label} {bar} {value} of {total}, {eta_formatted} left`, hideCursor: true, noTTYOutput: false },
    Presets.shades_classic,
  )
  bar.start(total, 0)
  return { step: () => bar.increment(), stop: () => bar.stop() }
}
