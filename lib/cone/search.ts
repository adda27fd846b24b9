import { literal } from '../core/duckdb.ts'
import { plural } from '../core/units.ts'
import type { LakeIndex } from '../index/lake-index.ts'
import type { LakeDatabase } from '../query/lake-database.ts'
import {
  definePixels,
  MARGIN,
  OBJECT_COLUMNS,
  type ObjectColumn,
  objectsQuery,
  SEPARATION,
  separation,
} from '../query/objects.ts'
import type { Selection } from '../selection.ts'
import type { PositionList } from './positions.ts'

/** Result of `searchCones`. */
export interface ConeResult {
  /** SQL that selects the objects, in the order of the positions, nearest first. */
  readonly sql: string
  readonly columns: readonly ObjectColumn[]
  /** Number of positions that have no object within the radius. */
  readonly unmatched: number
}

/** Maximum number of pixels in all cones. They take 8 bytes each. */
const MAX_PIXELS = 12_000_000
/** Side of a pixel in arcsec. The pixels of a cone reach up to about one side outside it. */
const PIXEL_SIDE = 26

const [OBJECT_ID, ...OTHERS] = OBJECT_COLUMNS
const RESULT_COLUMNS = [OBJECT_ID as ObjectColumn, SEPARATION, ...OTHERS]

/**
 * Searches the index for the objects within `radius` arcsec of positions, in one pass for all of them.
 *
 * @param list positions; the result has the columns of their table first
 * @throws Error if there is no index, or the cones have too many pixels together
 */
export async function searchCones(
  database: LakeDatabase,
  index: LakeIndex,
  selection: Selection,
  { list, radius }: { readonly list: PositionList; readonly radius: number },
): Promise<ConeResult> {
  checkSize(list.positions.length, radius)
  const alerts = index.table('positions', selection)
  await definePixels(database)
  const names = namesOf(list)
  await database.query(positionsTable(list))
  await database.query(
    `create table cone_pixels as
     select number, unnest(pixels_in_cone(centre_ra, centre_dec, ${radius + MARGIN})::integer[]) as pixel
     from cone_positions`,
  )
  await database.query(objectsTable(alerts, radius))
  const [row] = await database.query('select count(distinct number)::int as found from cone_objects')
  const selected = [...names.map((name, i) => `cells[${i + 1}] as ${quoted(name)}`), ...RESULT_COLUMNS.map(quotedName)]
  return {
    sql: `select ${selected.join(', ')} from cone_objects join cone_positions using (number)
      order by number, separation, objectId`,
    columns: [...names.map(listColumn), ...RESULT_COLUMNS],
    unmatched: list.positions.length - (row?.found as number),
  }
}

function checkSize(positions: number, radius: number): void {
  const most = Math.floor(PIXEL_SIDE * (Math.sqrt(MAX_PIXELS / positions / Math.PI) - 1))
  if (radius <= most) return
  throw new Error(
    `RADIUS is ${radius}: expected at most ${most} for ${plural(positions, 'position')}, or a shorter list`,
  )
}

/** Names of a list's columns in the result. A name that is taken gets a prefix, or else a number. */
function namesOf({ columns }: PositionList): string[] {
  const taken = new Set(RESULT_COLUMNS.map(({ name }) => name.toLowerCase()))
  return columns.map((column, i) => {
    const name = column === '' ? `column${i + 1}` : taken.has(column.toLowerCase()) ? `list_${column}` : column
    const unique = taken.has(name.toLowerCase()) ? `${name}_${i + 1}` : name
    taken.add(unique.toLowerCase())
    return unique
  })
}

function listColumn(name: string): ObjectColumn {
  return { name, type: 'string', unit: '', description: 'From the list' }
}

function positionsTable({ positions }: PositionList): string {
  const rows = positions.map(({ ra, dec, cells }, number) => ({ number, ra, dec, cells }))
  const structure = '[{"number": "INTEGER", "ra": "DOUBLE", "dec": "DOUBLE", "cells": ["VARCHAR"]}]'
  return `create table cone_positions as
    select listed.number, listed.ra as centre_ra, listed.dec as centre_dec, listed.cells
    from (select unnest(from_json(${literal(JSON.stringify(rows))}, ${literal(structure)})) as listed)`
}

function objectsTable(index: string, radius: number): string {
  const alerts = `(select number, alert.* from ${index} alert join cone_pixels on alert.healpix13 = cone_pixels.pixel)`
  return `create table cone_objects as
    select object.*, ${separation('object', { ra: 'centre_ra', dec: 'centre_dec' })} as separation
    from (${objectsQuery(alerts, 'number,')}) object join cone_positions using (number)
    where separation <= ${radius}`
}

function quotedName({ name }: ObjectColumn): string {
  return quoted(name)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
