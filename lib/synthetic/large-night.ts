import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { layoutOf, makeAlerts } from './night.ts'
import { tarEnd, tarEntry } from './tar.ts'

/** Number of alerts made at a time, to limit memory use. */
const PART = 200

/** Writes a night's tarball, which may be larger than memory. Alerts have the size and compressibility of real ones. */
export async function writeNight(path: string, night: string, alerts: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await pipeline(Readable.from(tar(night, alerts)), createGzip({ level: 6 }), createWriteStream(`${path}.part`))
  await rename(`${path}.part`, path)
}

function* tar(night: string, alerts: number): Generator<Buffer> {
  const layout = layoutOf(night)
  let length = 0
  for (let first = 0; first < alerts; first += PART)
    for (const alert of makeAlerts({ night, first, alerts: Math.min(PART, alerts - first), stamps: 'real' })) {
      const entry = tarEntry({ name: alert.name, bytes: alert.packet }, layout)
      length += entry.length
      yield entry
    }
  yield tarEnd(length, layout)
}
