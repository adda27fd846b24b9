// Watches over one night of 8 MiB, of which 2 are read, until its standard input ends.
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Paths } from '../../lib/paths.ts'
import { LakeWork } from '../../lib/progress/lakework.ts'
import { writeNote } from '../../lib/progress/notes.ts'
import { Watch } from '../../lib/progress/watch.ts'
import { nightOf } from './data-folder.ts'

const paths = new Paths(process.argv[2] as string)
for (const folder of [paths.building, dirname(paths.progress('lake'))]) await mkdir(folder, { recursive: true })
const converting = new LakeWork(paths)
converting.add([{ stem: 'ztf_public_20200101', bytes: 8 << 20 }])
writeNote(paths.gauge(nightOf('ztf_public_20200101.tar.gz')), { read: 2 << 20, alerts: 40 })
const watch = new Watch(paths.progress('lake'), async () => [await converting.look()], Number(process.argv[3]))
await once(process.stdin.resume(), 'end')
await watch.end()
