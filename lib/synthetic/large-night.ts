import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { makeTar, type NightOptions } from './night.ts'

/** Alerts per write, to bound the memory of large nights. */
const PART = 200

/** Writes the tarball of a night of any size. Its alerts are as large and as hard to compress as real ones. */
export async function writeNight(path: string, options: NightOptions & { alerts: number }): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await pipeline(Readable.from(parts(options)), createGzip({ level: 6 }), createWriteStream(`${path}.part`))
  await rename(`${path}.part`, path)
}

function* parts(options: NightOptions & { alerts: number }): Generator<Buffer> {
  for (let first = 0; first < options.alerts; first += PART) {
    const alerts = Math.min(PART, options.alerts - first)
    const end = first + alerts === options.alerts
    yield makeTar({ stamps: 'real', ...options, first, alerts, tar: { end } }).tar.bytes
  }
}
