// Inflates a tarball with node:zlib and discards the bytes: the baseline of the conversion.
// Plain JavaScript without imports from lib/: the timing must not include a loader, nor use the lake's own inflate.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

const CHUNK = 1 << 18

let bytes = 0
const file = createReadStream(process.argv[2] ?? '', { highWaterMark: CHUNK })
for await (const chunk of file.pipe(createGunzip({ chunkSize: CHUNK }))) bytes += chunk.length
console.log(bytes)
