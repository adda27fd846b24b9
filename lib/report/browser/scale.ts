import { parseBytes, showBytes } from '../../core/units.ts'

/** A unit that numbers up to `most` are read in, so that an axis has few digits. */
export interface Unit {
  readonly name: string
  readonly size: number
}

export function unitOfBytes(most: number): Unit {
  const [, name = ''] = showBytes(most).split(' ')
  return { name, size: parseBytes(`1${name}`) ?? 1 }
}

export function unitOfCount(most: number): Unit {
  if (most < 10_000) return { name: '', size: 1 }
  return most < 10_000_000 ? { name: 'thousand', size: 1000 } : { name: 'million', size: 1_000_000 }
}
