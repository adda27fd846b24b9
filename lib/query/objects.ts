import type { DuckDB } from '../core/duckdb.ts'
import { pixelsInCone } from '../sky/healpix.ts'

/** Column of an answer about objects. */
export interface ObjectColumn {
  readonly name: string
  readonly type: 'string' | 'long' | 'double' | 'float'
  /** Empty if the column has no unit. */
  readonly unit: string
  readonly description: string
}

/** Columns of the view `objects`. */
export const OBJECT_COLUMNS: readonly ObjectColumn[] = [
  { name: 'objectId', type: 'string', unit: '', description: 'Name of the object' },
  { name: 'ra', type: 'double', unit: 'deg', description: 'Right ascension, mean of the alerts' },
  { name: 'dec', type: 'double', unit: 'deg', description: 'Declination, mean of the alerts' },
  { name: 'alerts', type: 'long', unit: '', description: 'Number of alerts' },
  { name: 'first_night', type: 'string', unit: '', description: 'Night of the first alert; in Parquet a date' },
  { name: 'last_night', type: 'string', unit: '', description: 'Night of the last alert; in Parquet a date' },
  { name: 'g', type: 'float', unit: 'mag', description: 'Brightest difference magnitude (magpsf) in g' },
  { name: 'r', type: 'float', unit: 'mag', description: 'Brightest difference magnitude (magpsf) in r' },
  { name: 'i', type: 'float', unit: 'mag', description: 'Brightest difference magnitude (magpsf) in i' },
]

/** Additional column of a cone search. */
export const SEPARATION: ObjectColumn = {
  name: 'separation',
  type: 'double',
  unit: 'arcsec',
  description: 'Distance from the centre of the cone',
}

/**
 * How far outside a cone the alerts of an object inside it may lie, in arcsec. ZTF assigns an alert to an object if it
 * is within 1.5 arcsec of the object's first alert.
 */
export const MARGIN = 3

/** Largest radius of a cone in SQL, in arcsec. */
const MAX_RADIUS = 3600

/** Decimals of positions in degrees and of distances in arcsec. The alerts have fewer, and a sum of doubles has errors. */
const [POSITION_DECIMALS, SEPARATION_DECIMALS] = [8, 4]

/** Defines the SQL function `pixels_in_cone`, which returns JSON. */
export async function definePixels(database: Pick<DuckDB, 'define' | 'query'>): Promise<void> {
  await database.define({
    name: 'pixels_in_cone',
    parameters: ['DOUBLE', 'DOUBLE', 'DOUBLE'],
    returns: 'VARCHAR',
    call: (ra, dec, arcsec) =>
      JSON.stringify(ra === null || dec === null || arcsec === null ? [] : pixelsInCone(ra, dec, arcsec)),
  })
  // DuckDB skips row groups by a list of pixels up to this length, and by its smallest and largest pixel beyond.
  await database.query('set dynamic_or_filter_threshold = 1000')
}

/**
 * SQL for one row per object, with `OBJECT_COLUMNS`.
 *
 * `ra` and `dec` are qualified by their table, because in the macro `cone` these names alone are its parameters.
 *
 * @param alerts SQL for a table of alerts with the columns of the index
 * @param key columns of this table to group by before `objectId`, each followed by a comma
 */
export function objectsQuery(alerts: string, key = ''): string {
  return `select ${key} objectId, 
      round((degrees(atan2(y, x)) + 360) % 360, ${POSITION_DECIMALS}) % 360 as ra,
      round(degrees(atan2(z, sqrt(x * x + y * y))), ${POSITION_DECIMALS}) as dec, alerts, first_night, last_night, g, r, i
    from (
      select ${key} objectId, count(*) as alerts, min(night) as first_night, max(night) as last_night,
        ${[...mean(), ...brightest()].join(', ')}
      from (
        select *, radians(alert.ra) as a, radians(alert.dec) as d, make_date(year, month, day) as night
        from ${alerts} alert
      )
      group by all
    )`
}

/** Macro for the objects whose mean position is in a cone, with `OBJECT_COLUMNS` and `SEPARATION`. */
export function coneMacro(positions: string): string {
  const radius = `case when arcsec between 0 and ${MAX_RADIUS} then arcsec + ${MARGIN} else error(
    'cone has ' || arcsec || ' arcsec: expected a radius from 0 to ${MAX_RADIUS}') end`
  const pixels = `select unnest(pixels_in_cone(ra, dec, ${radius})::integer[])`
  return `cone(ra, "dec", arcsec) as table
    select * from (
      select objectId, ${separation('object', { ra: 'ra', dec: 'dec' })} as separation, * exclude (objectId)
      from (${objectsQuery(`(select * from ${positions} where healpix13 in (${pixels}))`)}) object
    ) where separation <= arcsec order by separation, objectId`
}

/** SQL for the distance of a table's position from another one, in arcsec. The haversine formula suits small angles. */
export function separation(table: string, { ra, dec }: { readonly ra: string; readonly dec: string }): string {
  const square = (angle: string) => `pow(sin(radians(${angle}) / 2), 2)`
  const haversine = `${square(`${table}.dec - ${dec}`)}
    + cos(radians(${table}.dec)) * cos(radians(${dec})) * ${square(`${table}.ra - ${ra}`)}`
  return `round(degrees(2 * asin(sqrt(least(1, ${haversine})))) * 3600, ${SEPARATION_DECIMALS})`
}

/** Averages unit vectors, because their mean is also right at the poles and across right ascension 0. */
function mean(): string[] {
  const vector = { x: 'cos(d) * cos(a)', y: 'cos(d) * sin(a)', z: 'sin(d)' }
  return Object.entries(vector).map(([name, sql]) => `avg(${sql}) filter (where healpix13 is not null) as ${name}`)
}

function brightest(): string[] {
  return ['g', 'r', 'i'].map((band, i) => `min(nullif(magpsf, -999)) filter (where fid = ${i + 1}) as ${band}`)
}
