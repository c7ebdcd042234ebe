/** The people next door, whose waiting is what a noise is judged by. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { NextDoor } from '../../bench/neighbour/next-door.ts'
import { launchServer } from '../../trust/server-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('each question gets its own answer, also when several are asked at once', async () => {
  const server = await launchServer({ data: await temporaryFolder() })
  onTestFinished(() => server.kill())
  const nextDoor = await NextDoor.start({
    port: Number(new URL(server.url).port),
    token: null,
    rooms: 1,
    lettersPerSecond: 50,
  })
  onTestFinished(() => nextDoor.stop())
  await nextDoor.during(['while they type'], () => sleep(100))
  const [typing, silence, again] = await Promise.all([
    nextDoor.percentile('while they type', 0.99),
    nextDoor.percentile('before', 0.99),
    nextDoor.percentile('while they type', 0.99),
  ])
  expect(typing).toBeGreaterThan(0)
  expect(silence).toBeNaN()
  expect(again).toBe(typing)
})
