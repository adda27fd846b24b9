// Tells make which nights a target is about: `download` the tarballs to fetch, and the stems of nights that are given up;
// `lake` the stems of those on disk, the manifests that are of a former tarball, and the tarballs that are to go, whose
// nights are in the lake.
// What is wrong is said on standard output, where make takes it up.
import { givenUp, missing, onDisk, spent, stale } from '../lib/inventory.ts'
import { parseNight } from '../lib/night.ts'
import { Paths } from '../lib/paths.ts'
import { readSettings } from '../lib/settings.ts'

try {
  const settings = readSettings()
  const paths = new Paths(settings.DATA)
  const plans: Record<string, () => Promise<string[]>> = {
    download: async () => [
      ...(await missing(settings, paths)).map(({ name }) => name),
      ...(await givenUp(settings, paths)).flatMap(({ name }) => parseNight(name)?.stem ?? []),
    ],
    lake: async () => [
      ...(await onDisk(paths, settings.NIGHTS)).map(({ stem }) => stem),
      ...(await stale(paths, await onDisk(paths, settings.NIGHTS))).map(({ stem }) => `${stem}.json`),
      ...(settings.KEEP_TARS === 'no' ? await spent(settings, paths) : []).map(({ name }) => name),
    ],
  }
  console.log((await plans[process.argv[2] ?? '']?.())?.join(' '))
} catch (error) {
  console.log((error as Error).message)
  process.exitCode = 1
}
