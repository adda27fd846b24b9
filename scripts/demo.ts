// The main job on a bare machine: synthetic nights, served as the archive does, listed, fetched, converted and asked.
import { mkdir } from 'node:fs/promises'
import { remove } from '../lib/files.ts'
import { say, table } from '../lib/report.ts'
import { SETTINGS } from '../lib/settings.ts'
import { make } from '../lib/shell.ts'
import { query } from '../lib/sql.ts'
import { emptyNight, makeNight } from '../test/synthetic/night.ts'
import { startArchive } from '../test/synthetic/server.ts'

const FOLDER = 'demo'

say('making a few nights of synthetic alerts: both writers, several schema versions, one night without alerts')
const nights = [
  makeNight({ night: '20180713', alerts: 80, stamps: 'real' }),
  makeNight({ night: '20191003', alerts: 60, stamps: 'real' }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 20, stamps: 'real' }),
  makeNight({ night: '20210401', alerts: 60, stamps: 'real' }),
  makeNight({ night: '20250325', alerts: 80, stamps: 'real' }),
  emptyNight('20250326', 'tar'),
]
await remove(FOLDER)
await mkdir(FOLDER)
const archive = await startArchive(new Map(nights.map(({ name, bytes }) => [name, bytes])))

// Every setting is given, so that none of the user's own reaches the demo.
const own: Record<string, string> = { DATA: `${FOLDER}/data`, URIS: `${FOLDER}/uris`, ARCHIVE: archive.url }
const settings = Object.keys(SETTINGS).map(name => `${name}=${own[name] ?? ''}`)
for (const target of [['uris'], ['download', '-j5'], ['lake'], ['status']]) {
  say(`\n$ make ${target.join(' ')}`)
  await make([...target, ...settings])
}
await archive.close()

const lake = `${FOLDER}/data/lake/year=*/**/*.parquet`
const question = `select make_date(year::int, month::int, day::int) as night, count(*) as alerts,
  count(distinct objectId) as objects, round(min(candidate.magpsf)::double, 2) as brightest
from read_parquet('${lake}', hive_partitioning = true) group by night order by night`
say(`\nHow many alerts and objects has each night, and how bright is the brightest?\n\n${question}\n`)
const rows = await query(question)
say(table([Object.keys(rows[0] ?? {}), ...rows.map(row => Object.values(row).map(String))]))
say(`\nThe lake is in ${FOLDER}/data/lake. Next, on the real archive: make uris, and README.md tells the rest.`)
