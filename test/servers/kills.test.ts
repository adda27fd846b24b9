import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { GRACE_MS } from '../../lib/core/lock.ts'
import { Paths } from '../../lib/paths.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { temporaryFolder } from '../support/folder.ts'
import { PLACES, type Place, startAt } from '../support/place.ts'
import { kill } from '../support/processes.ts'
import { addNights, assertPublished, lakeToPublish, publishable, REVISIONS } from '../support/published.ts'

/** Number of kills for each kind of place. */
const KILLS = Number(process.env.PUBLISH_KILLS || 20)
const SEED = Number(process.env.SEED || Date.now() % 1_000_000)

console.log(`SEED=${SEED} repeats these kills`)

describe('make publish', { concurrency: true }, () => {
  for (const [i, [name, start]] of Object.entries(PLACES).entries())
    test(`leaves the same files at ${name} after kills at any moment and reruns`, async t => {
      const random = new Random(SEED + i)
      const first = await lakeToPublish(t)
      // Each lake has other revisions of some nights, and so each publication replaces nights.
      const second = new Paths(join(await temporaryFolder(t), 'data'))
      await cp(first.data, second.data, { recursive: true, preserveTimestamps: true })
      await addNights(second, REVISIONS)
      const place = await start(t)
      let kills = 0
      let duration = 2000
      for (let round = 0; kills < KILLS; round++) {
        const paths = round % 2 === 0 ? first : second
        for (let runs = 0; ; runs++) {
          const began = performance.now()
          // A run that takes over a killed one's lock first waits.
          const moment = random.between(0, duration + (runs > 0 ? GRACE_MS : 0))
          const status = await publish(place, paths, kills < KILLS ? moment : undefined)
          if (status === 0) {
            if (runs === 0) duration = performance.now() - began
            break
          }
          assert.ok(status === 'killed', `make publish failed with status ${status}`)
          kills++
        }
        await assertPublished(place, await publishable(paths))
      }
      t.diagnostic(`${kills} kills`)
    })
})

/** Runs make publish; kills it after a time in ms unless it has ended. */
async function publish(place: Place, paths: Paths, killAfter: number | undefined): Promise<number | null | 'killed'> {
  const { child, ran } = startAt(place, paths.data, ['publish', '-j3'], { detached: true })
  let killed = false
  if (killAfter !== undefined) {
    await Promise.race([sleep(killAfter), once(child, 'exit')])
    killed = child.exitCode === null && kill(child.pid as number, 'group', ([first]) => first as never)
  }
  const { status, out, err } = await ran
  assert.ok(status === 0 || killed, out + err)
  return killed && status !== 0 ? 'killed' : status
}
