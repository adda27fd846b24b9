import { createReadStream } from 'node:fs'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

/** Whether a file is gzipped, and its gzip stream has an end and the right checksums. Inflates the whole file. */
export async function isWholeGzip(path: string): Promise<boolean> {
  const discard = new Writable({ write: (_chunk, _encoding, done) => done() })
  return pipeline(createReadStream(path), createGunzip(), discard).then(
    () => true,
    error => {
      if (/^Z_/.test(error.code)) return false
      throw error
    },
  )
}
