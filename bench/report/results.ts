/** What all runs measured, and how it compares. */
import type { Measures } from '../scenarios/scenario.ts'
import type { TargetName } from '../targets/targets.ts'
import { median } from './stats.ts'
import type { Standing } from './rows.ts'

export interface Run {
  readonly round: number
  readonly scenario: string
  readonly target: TargetName
  readonly measures: Measures
}

export class Results {
  readonly runs: Run[] = []

  add(run: Run): void {
    this.runs.push(run)
  }

  /** The median over the rounds; NaN when it was not measured. */
  median(scenario: string, target: TargetName, measure: string): number {
    return median(
      this.#of(scenario, target)
        .map((run) => run.measures[measure] ?? Number.NaN)
        .filter((value) => !Number.isNaN(value)),
    )
  }

  /** The median of what Weft's measure is to another target's in the same round. */
  ratio(scenario: string, target: TargetName, measure: string): number {
    const ratios = this.#of(scenario, 'weft').flatMap(({ round, measures }) => {
      const other = this.#of(scenario, target).find((run) => run.round === round)
      const [ours, theirs] = [measures[measure], other?.measures[measure]]
      return ours === undefined || theirs === undefined ? [] : [ours / theirs]
    })
    return median(ratios)
  }

  standing(scenario: string, measure: string): Standing {
    return {
      ours: this.median(scenario, 'weft', measure),
      overFloor: this.ratio(scenario, 'raw', measure),
      overHocuspocus: this.ratio(scenario, 'hocuspocus', measure),
      measure: (name) => this.median(scenario, 'weft', name),
    }
  }

  #of(scenario: string, target: TargetName): readonly Run[] {
    return this.runs.filter((run) => run.scenario === scenario && run.target === target)
  }
}
