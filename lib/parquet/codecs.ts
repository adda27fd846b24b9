import { createRequire } from 'node:module'

export type Codec = 'snappy' | 'zstd' | 'lz4' | 'none'

type Compress = (bytes: Uint8Array) => Uint8Array

/** zstd's fastest level: the higher ones take several times as long and save a few percent. */
const ZSTD_LEVEL = 1

/** A codec's number in the specification (CompressionCodec), and a function that loads its native package. */
const CODECS: Readonly<Record<Codec, { readonly id: number; readonly load: () => Compress }>> = {
  none: { id: 0, load: () => bytes => bytes.slice() },
  snappy: { id: 1, load: loadSnappy },
  zstd: { id: 6, load: loadZstd },
  lz4: { id: 7, load: loadLz4 },
}

const load = createRequire(import.meta.url)
const loaded = new Map<Codec, Compress>()

export function codecId(codec: Codec): number {
  return CODECS[codec].id
}

/** Compresses bytes, which may be overwritten afterwards. */
export function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  const known = loaded.get(codec) ?? CODECS[codec].load()
  loaded.set(codec, known)
  return known(bytes)
}

/** Copies the result, because the package returns it in a buffer that has room for incompressible bytes. */
function loadSnappy(): Compress {
  const { compressSync } = load('snappy')
  return bytes => new Uint8Array(compressSync(bytes))
}

function loadZstd(): Compress {
  const encoder = new (load('@toondepauw/node-zstd').Encoder)(ZSTD_LEVEL)
  return bytes => encoder.encodeSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}

/** LZ4_RAW has no length in front, unlike the output of lz4-napi. */
function loadLz4(): Compress {
  const { compressSync } = load('lz4-napi')
  return bytes => compressSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).subarray(4)
}
