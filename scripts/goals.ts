// Tells make which nights a target is about: `download` the tarballs to fetch, and the stems of nights that are given
// up; `lake` the stems of those on disk, the manifests that are of a former tarball, and the tarballs that are to go,
// whose nights are in the lake.
// What is wrong is said on standard output, where make takes it up.
import { describeError } from '../lib/core/errors.ts'
import { plural } from '../lib/core/units.ts'
import { parseNight } from '../lib/night.ts'
import { listedNights, notOnDisk, onDisk, removableTarballs, superseded } from '../lib/nights/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { readSettings } from '../lib/settings.ts'

try {
  const settings = readSettings()
  const paths = new Paths(settings.DATA)
  const goals: Record<string, () => Promise<string[]>> = {
    download: async () => {
      await refuseNone()
      const { missing, givenUp } = await notOnDisk(settings, paths)
      return [...missing.map(({ name }) => name), ...givenUp.flatMap(({ name }) => parseNight(name)?.stem ?? [])]
    },
    lake: async () => {
      const disk = await onDisk(paths, settings.NIGHTS)
      if (disk.length === 0) console.error(`${paths.tarballs} has no tarball of the nights asked for: make download`)
      return [
        ...disk.map(({ stem }) => stem),
        ...(await superseded(paths, disk)).map(({ stem }) => `${stem}.json`),
        ...(settings.KEEP_TARS === 'no' ? await removableTarballs(settings, paths) : []).map(({ name }) => name),
      ]
    },
  }
  const goalsOf = goals[process.argv[2] ?? '']
  if (!goalsOf) throw new Error(`goals has '${process.argv[2] ?? ''}': expected ${Object.keys(goals).join(' or ')}`)
  console.log((await goalsOf()).join(' '))

  /** @throws Error in one sentence where no listed night is selected */
  async function refuseNone(): Promise<void> {
    if ((await listedNights(settings)).length > 0) return
    const { length } = await listedNights({ ...settings, NIGHTS: () => true })
    throw new Error(`none of the ${plural(length, 'listed night')} matches NIGHTS=${process.env.NIGHTS}`)
  }
} catch (error) {
  console.log(describeError(error))
  process.exitCode = 1
}
