// Converts the nights whose stems are given, over all cores, a line for each that is done. Of the tarballs that are given
// the nights are in the lake already: they are checked, and the tarballs removed.
import { Conversion } from '../lib/conversion.ts'
import { nightOfStem, parseNight } from '../lib/night.ts'
import { readRecord } from '../lib/record.ts'
import { readSettings } from '../lib/settings.ts'
import { plural } from '../lib/units.ts'

const settings = readSettings()
const given = process.argv.slice(2)
const conversion = new Conversion(settings, await readRecord(settings.URIS))
await conversion.add(given.flatMap(stem => nightOfStem(stem) ?? []))
await conversion.addSpent(given.flatMap(name => parseNight(name) ?? []))
const failed = await conversion.end()
if (failed.length > 0)
  throw new Error(`${plural(failed.length, 'night')} failed (${failed.join(', ')}): make lake tries again`)
