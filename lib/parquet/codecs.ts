import { createRequire } from 'node:module'

export type Codec = 'snappy' | 'zstd' | 'lz4' | 'none'

type Compress = (bytes: Uint8Array) => Uint8Array

/** zstd's fastest level: the higher ones take several times as long and save a few percent. */
const ZSTD_LEVEL = 1

/** Numbers of the specification (CompressionCodec), and functions that load the codecs' native packages. */
const CODECS: Readonly<Record<Codec, { readonly id: number; readonly load: () => Compress }>> = {
  none: { id: 0, load: () => bytes => bytes.slice() },
  snappy: { id: 1, load: loadSnappy },
  zstd: { id: 6, load: loadZstd },
  lz4: { id: 7, load: loadLz4 },
}

const loadPackage = createRequire(import.meta.url)
const loaded = new Map<Codec, Compress>()

export function codecId(codec: Codec): number {
  return CODECS[codec].id
}

/** Returns compressed bytes in memory of their own, so that the input may be overwritten. */
export function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  const known = loaded.get(codec) ?? CODECS[codec].load()
  loaded.set(codec, known)
  return known(bytes)
}

/** Copies the result, because the package returns it in a buffer that has room for incompressible bytes. */
function loadSnappy(): Compress {
  const { compressSync } = loadPackage('snappy')
  return bytes => new Uint8Array(compressSync(bytes))
}

function loadZstd(): Compress {
  const encoder = new (loadPackage('@toondepauw/node-zstd').Encoder)(ZSTD_LEVEL)
  return bytes => encoder.encodeSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}

/** Removes the length in front of lz4-napi's output, because LZ4_RAW has none. */
function loadLz4(): Compress {
  const { compressSync } = loadPackage('lz4-napi')
  return bytes => compressSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).subarray(4)
}
