// Inflates a tarball and lets the bytes go: the least that any conversion of it takes.
// JavaScript, so that no loader's start is counted.
import { inflate } from '../lib/inflate.js'

let bytes = 0
for await (const chunk of inflate(process.argv[2] ?? '')) bytes += chunk.length
console.log(bytes)
