/** A unit that numbers up to `most` are read in, so that an axis has few digits. */
export interface Unit {
  readonly name: string
  readonly size: number
}

export function unitOfBytes(most: number): Unit {
  const power = most < 1024 ? 0 : Math.min(4, Math.floor(Math.log(most) / Math.log(1024)))
  return { name: ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'][power] as string, size: 1024 ** power }
}

export function unitOfCount(most: number): Unit {
  if (most < 10_000) return { name: '', size: 1 }
  return most < 10_000_000 ? { name: 'thousand', size: 1000 } : { name: 'million', size: 1_000_000 }
}
