// Checks the lake, moves aside what is none of its own, and sends back the nights that fail: without its manifest
// a night is converted or fetched again, and its files stay until the new ones are there.
import { join } from 'node:path'
import { Checking } from '../lib/checking.ts'
import { isTaken, remove } from '../lib/files.ts'
import { hold, release } from '../lib/lock.ts'
import { nightOfStem } from '../lib/night.ts'
import { Paths } from '../lib/paths.ts'
import { expectLake } from '../lib/place.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { moveToStrays } from '../lib/strays.ts'
import { plural } from '../lib/units.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
await expectLake(paths)
await hold(paths.lock('lake'), { folder: paths.lake, what: 'make repair' })
const checking = await Checking.begin(settings)
const { strays, unfinished } = await checking.unrecorded()
for (const [path, fault] of strays)
  say(`moved     ${join(paths.lake, path)} to ${await moveToStrays(paths, path)}, as it ${fault}`)
await checking.run()

const nights = [...unfinished, ...checking.failed].flatMap(stem => nightOfStem(stem) ?? [])
for (const night of nights) await remove(paths.manifest(night))
release(paths.lock('lake'))
const onDisk = (await Promise.all(nights.map(night => isTaken(paths.tarball(night))))).filter(there => there).length
if (nights.length > 0)
  say(
    `${plural(nights.length, 'night')} sent back: ${onDisk} to be converted from disk (make lake), ` +
      `${nights.length - onDisk} to be fetched first (make download)`,
  )
if (checking.unchecked.length > 0)
  throw new Error(
    `${plural(checking.unchecked.length, 'night')} could not be checked, and stay: make repair tries again`,
  )
