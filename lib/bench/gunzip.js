// Inflates a tarball by node:zlib and lets the bytes go: what the conversion is measured by.
// JavaScript, so that no build and no loader is counted; nothing of lib/, which has its own way to inflate.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

const CHUNK = 1 << 18

let bytes = 0
const file = createReadStream(process.argv[2] ?? '', { highWaterMark: CHUNK })
for await (const chunk of file.pipe(createGunzip({ chunkSize: CHUNK }))) bytes += chunk.length
console.log(bytes)
