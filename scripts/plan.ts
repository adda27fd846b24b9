// Tells make which nights a target is about: `download` the tarballs to fetch, `lake` the stems of those on disk.
// What is wrong is said on standard output, where make takes it up.
import { missing, onDisk } from '../lib/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { readSettings } from '../lib/settings.ts'

try {
  const settings = readSettings()
  const paths = new Paths(settings.DATA)
  if (process.argv[2] === 'download') console.log((await missing(settings, paths)).map(({ name }) => name).join(' '))
  else console.log((await onDisk(paths, settings.NIGHTS)).map(({ stem }) => stem).join(' '))
} catch (error) {
  console.log((error as Error).message)
  process.exitCode = 1
}
