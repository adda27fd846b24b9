import { createRequire } from 'node:module'

export type Codec = 'snappy' | 'zstd' | 'lz4' | 'none'

type Compress = (bytes: Uint8Array) => Uint8Array
type Decompress = (bytes: Uint8Array, size: number) => Uint8Array

interface Coder {
  readonly compress: Compress
  readonly decompress: Decompress
}

/** zstd's fastest level: the higher ones take several times as long and save a few percent. */
const ZSTD_LEVEL = 1

/** Numbers of the specification (CompressionCodec), and functions that load the codecs' native packages. */
const CODECS: Readonly<Record<Codec, { readonly id: number; readonly load: () => Coder }>> = {
  none: { id: 0, load: () => ({ compress: bytes => bytes.slice(), decompress: bytes => bytes }) },
  snappy: { id: 1, load: loadSnappy },
  zstd: { id: 6, load: loadZstd },
  lz4: { id: 7, load: loadLz4 },
}

const loadPackage = createRequire(import.meta.url)
const loaded = new Map<Codec, Coder>()

export function codecId(codec: Codec): number {
  return CODECS[codec].id
}

/** Returns compressed bytes in memory of their own, so that the input may be overwritten. */
export function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  return coder(codec).compress(bytes)
}

/** Functions that return the `size` bytes that were compressed, by the codec's name in the specification. */
export const DECOMPRESSORS: Readonly<Record<'SNAPPY' | 'ZSTD' | 'LZ4_RAW', Decompress>> = {
  SNAPPY: (bytes, size) => coder('snappy').decompress(bytes, size),
  ZSTD: (bytes, size) => coder('zstd').decompress(bytes, size),
  LZ4_RAW: (bytes, size) => coder('lz4').decompress(bytes, size),
}

function coder(codec: Codec): Coder {
  const known = loaded.get(codec) ?? CODECS[codec].load()
  loaded.set(codec, known)
  return known
}

/** Copies the compressed bytes, because the package returns them in a buffer that has room for incompressible bytes. */
function loadSnappy(): Coder {
  const { compressSync, uncompressSync } = loadPackage('snappy')
  return { compress: bytes => new Uint8Array(compressSync(bytes)), decompress: bytes => uncompressSync(bytes) }
}

function loadZstd(): Coder {
  const { Encoder, Decoder } = loadPackage('@toondepauw/node-zstd')
  const [encoder, decoder] = [new Encoder(ZSTD_LEVEL), new Decoder()]
  return {
    compress: bytes => encoder.encodeSync(bufferOf(bytes)),
    decompress: bytes => decoder.decodeSync(bufferOf(bytes)),
  }
}

/** lz4-napi puts the length in front of the compressed bytes; LZ4_RAW has none. */
function loadLz4(): Coder {
  const { compressSync, uncompressSync } = loadPackage('lz4-napi')
  return {
    compress: bytes => compressSync(bufferOf(bytes)).subarray(4),
    decompress: (bytes, size) => uncompressSync(Buffer.concat([new Uint8Array(Uint32Array.of(size).buffer), bytes])),
  }
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}
