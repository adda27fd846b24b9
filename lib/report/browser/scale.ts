import { parseBytes, showBytes } from '../../core/units.ts'

/** Unit of an axis, chosen so that its labels have few digits. */
export interface Unit {
  readonly name: string
  readonly size: number
}

export function unitOfBytes(largest: number): Unit {
  const [, name = ''] = showBytes(largest).split(' ')
  return { name, size: parseBytes(`1${name}`) ?? 1 }
}

export function unitOfCount(largest: number): Unit {
  if (largest < 10_000) return { name: '', size: 1 }
  return largest < 10_000_000 ? { name: 'thousand', size: 1000 } : { name: 'million', size: 1_000_000 }
}
