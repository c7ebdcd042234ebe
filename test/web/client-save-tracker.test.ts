import { describe, expect, test } from 'vitest'
import { SaveTracker } from '../../web/client/save-tracker.ts'

describe('the save tracker', () => {
  test('[CL1] a change is unsaved until the frame that carries it is reported saved', () => {
    const tracker = new SaveTracker()
    tracker.changed()
    expect(tracker.unsaved).toBe(1)
    tracker.sentUpdate()
    expect(tracker.unsaved).toBe(1)
    tracker.saved(0)
    expect(tracker.unsaved).toBe(1)
    tracker.saved(1)
    expect(tracker.unsaved).toBe(0)
  })

  test('[CL2] a report covers the frames before it and none after', () => {
    const tracker = new SaveTracker()
    for (let frame = 1; frame <= 3; frame++) {
      tracker.changed()
      tracker.sentUpdate()
    }
    tracker.saved(2)
    expect(tracker.unsaved).toBe(1)
    tracker.saved(2)
    expect(tracker.unsaved).toBe(1)
    tracker.saved(3)
    expect(tracker.unsaved).toBe(0)
  })

  test('[CL3] changes made without a connection are covered by the next step 2, not by updates sent before it', () => {
    const tracker = new SaveTracker()
    tracker.changed()
    tracker.changed()
    tracker.changed()
    tracker.sentUpdate()
    tracker.saved(1)
    expect(tracker.unsaved).toBe(2)
    tracker.sentStep2()
    tracker.saved(1)
    expect(tracker.unsaved).toBe(2)
    tracker.saved(2)
    expect(tracker.unsaved).toBe(0)
  })

  test('[CL4] what was in flight on a lost connection is unsaved again, and frames count from 1', () => {
    const tracker = new SaveTracker()
    tracker.changed()
    tracker.sentUpdate()
    tracker.changed()
    tracker.sentUpdate()
    tracker.saved(1)
    tracker.restart()
    expect(tracker.unsaved).toBe(1)
    tracker.sentStep2()
    tracker.saved(1)
    expect(tracker.unsaved).toBe(0)
  })

  test('[CL5] a frame that carries no change of ours counts as a frame', () => {
    const tracker = new SaveTracker()
    tracker.sentStep2()
    tracker.changed()
    tracker.sentUpdate()
    tracker.saved(1)
    expect(tracker.unsaved).toBe(1)
    tracker.saved(2)
    expect(tracker.unsaved).toBe(0)
  })
})
