// Baseline for the conversion: inflates a tarball with node:zlib only, and prints the number of bytes.
// It is plain JavaScript, so that the timing does not include a TypeScript loader.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

const CHUNK = 1 << 18

let bytes = 0
const file = createReadStream(process.argv[2] ?? '', { highWaterMark: CHUNK })
for await (const chunk of file.pipe(createGunzip({ chunkSize: CHUNK }))) bytes += chunk.length
console.log(bytes)
