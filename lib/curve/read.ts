import type { AlertPlace, LakeIndex } from '../index/lake-index.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { groupBy, readPlaces } from './alerts.ts'
import { LEAVES } from './columns.ts'
import { type CurveRow, mergeAlerts } from './merge.ts'
import { missingError } from './missing.ts'

export interface ObjectCurve {
  readonly objectId: string
  readonly rows: readonly CurveRow[]
}

/** Number of names in a query of the index. */
const MAX_NAMES = 1000
/** Maximum number of alerts that are read together, except for a single object with more. */
const MAX_ALERTS = 1000

/** Reads the light curves of objects from their alerts in the selected nights. */
export class CurveReader {
  /** Objects that `read` did not find, in the order of their names. */
  readonly missing: string[] = []
  private readonly paths: Paths
  private readonly index: LakeIndex
  private readonly objectIds: readonly string[]
  private readonly selection: Selection

  constructor(paths: Paths, index: LakeIndex, objectIds: readonly string[], selection: Selection) {
    this.paths = paths
    this.index = index
    this.objectIds = [...new Set(objectIds)].sort()
    this.selection = selection
  }

  /**
   * Yields the light curves in the order of the objects' names.
   * @throws Error if there is none
   */
  async *read(): AsyncGenerator<ObjectCurve> {
    for (let i = 0; i < this.objectIds.length; i += MAX_NAMES)
      yield* this.readSome(this.objectIds.slice(i, i + MAX_NAMES))
    if (this.missing.length === this.objectIds.length)
      throw await missingError(this.paths, this.index, this.missing, this.selection)
  }

  private async *readSome(objectIds: readonly string[]): AsyncGenerator<ObjectCurve> {
    const places = await this.index.findAlerts(objectIds, this.selection)
    const objects = groupBy(places, ({ objectId }) => objectId)
    this.missing.push(...objectIds.filter(objectId => !objects.has(objectId)))
    for (const group of groupsOf([...objects.values()])) yield* readGroup(group)
  }
}

/** Groups objects with few alerts, because the objects of a list often have alerts in the same files. */
function* groupsOf(objects: readonly AlertPlace[][]): Generator<AlertPlace[]> {
  let group: AlertPlace[] = []
  for (const places of objects) {
    if (group.length > 0 && group.length + places.length > MAX_ALERTS) {
      yield group
      group = []
    }
    group = [...group, ...places]
  }
  if (group.length > 0) yield group
}

async function* readGroup(places: readonly AlertPlace[]): AsyncGenerator<ObjectCurve> {
  // An alert may be in two tarballs: in the order of the files, which is that of the nights, the last one is used.
  const ordered = places.toSorted((a, b) => (a.path < b.path || (a.path === b.path && a.row < b.row) ? -1 : 1))
  const alerts = await readPlaces(ordered, LEAVES)
  const objects = groupBy(alerts, alert => alert.get('objectId') as string)
  for (const objectId of [...objects.keys()].sort())
    yield { objectId, rows: mergeAlerts(objects.get(objectId) as typeof alerts) }
}
