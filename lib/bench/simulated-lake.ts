import { join } from 'node:path'
import { parseOptional, readOptional, writeAtomic } from '../core/files.ts'
import { readRecord, writeRecord } from '../index/record.ts'
import { Paths } from '../paths.ts'
import { bringIndexUpToDate, LakeBuilder } from './lake-builder.ts'
import type { LakeShape } from './lake-shape.ts'
import type { KnownAlert } from './template-night.ts'

/** Increase this if lakes made by earlier versions can no longer be used. */
const VERSION = 1

/** Content of the file `complete.json`, which is written last. */
interface Completed {
  readonly version: number
  readonly shape: LakeShape
  readonly alerts: number
  readonly known: KnownAlert
}

/**
 * A lake of real size in 3 GB, because its nights link the same files. So each month has the times and candids of the
 * last one, and all alerts of an object are copies of one alert.
 */
export class SimulatedLake {
  readonly paths: Paths
  readonly shape: LakeShape
  readonly known: KnownAlert

  private constructor(paths: Paths, { shape, known }: Completed) {
    this.paths = paths
    this.shape = shape
    this.known = known
  }

  /**
   * Returns the lake in a folder, after making it unless it is complete.
   * @param alerts number of alerts of the night that is converted
   */
  static async create(folder: string, shape: LakeShape, alerts: number): Promise<SimulatedLake> {
    const marker = join(folder, 'complete.json')
    const paths = new Paths(join(folder, 'data'))
    const expected = { version: VERSION, shape, alerts }
    const found = parseOptional<Completed>(await readOptional(marker))
    if (found && JSON.stringify({ ...found, known: undefined }) === JSON.stringify(expected)) {
      // An earlier version of this program may have written a cache that this one cannot use.
      await bringIndexUpToDate(paths)
      return new SimulatedLake(paths, found)
    }
    const builder = await LakeBuilder.start(folder, paths, shape, alerts)
    const completed = { ...expected, known: await builder.build() }
    await writeAtomic(marker, JSON.stringify(completed))
    return new SimulatedLake(paths, completed)
  }

  /** Makes the index of the last month and the lists of the lake's files stale, as a new night does. */
  async forgetLastMonth(): Promise<void> {
    const { months } = await readRecord(this.paths)
    await writeRecord(this.paths, { months: Object.fromEntries(Object.entries(months).slice(0, -1)) })
  }
}
