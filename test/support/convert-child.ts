// Converts one night in a process of its own: `node --import tsx convert-child.ts DATA TARBALL`.
import { convertNight } from '../../lib/lake/convert.ts'
import { Paths } from '../../lib/paths.ts'
import { nightOf, SETTINGS } from './data-folder.ts'

const [data = '', name = ''] = process.argv.slice(2)
await convertNight(new Paths(data), nightOf(name), SETTINGS, undefined)
