import { execFileSync } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'

/** Changes bytes of a file without changing its size or its times, as a failing disk does. Returns the new bytes. */
export async function rot(path: string, edit: (bytes: Buffer) => void): Promise<Buffer> {
  const bytes = await readFile(path)
  const times = `${path}.times`
  // Node's utimes would round the times, and touch does not.
  execFileSync('touch', ['-r', path, times])
  edit(bytes)
  await writeFile(path, bytes)
  execFileSync('touch', ['-r', times, path])
  await rm(times)
  return bytes
}

/** Flips one bit in the middle. */
export function flipBit(bytes: Buffer): void {
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] as number) ^ 16
}

/** Zeros a third of the bytes, as a lost block. */
export function zeroBlock(bytes: Buffer): void {
  const third = Math.floor(bytes.length / 3)
  bytes.fill(0, third, 2 * third)
}
