import type { TestContext } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { ARCSEC, angle, DEGREE, unitVector } from '../../lib/sky/sphere.ts'
import type { Values } from '../../lib/synthetic/alert.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { pointInCone, randomCone } from './cones.ts'
import { convert, dataFolder } from './data-folder.ts'
import { makeIndex } from './index.ts'
import { makeNight } from './night.ts'

export interface SkyAlert {
  readonly objectId: string
  /** `YYYY-MM-DD`. */
  readonly night: string
  readonly ra: number
  readonly dec: number
  readonly fid: number
  readonly magpsf: number
}

export interface SkyObject {
  readonly objectId: string
  readonly ra: number
  readonly dec: number
  readonly alerts: number
  readonly first_night: string
  readonly last_night: string
  readonly g: number | null
  readonly r: number | null
  readonly i: number | null
}

const NIGHTS = ['20191230', '20200102', '20200103']
const ALERTS_PER_NIGHT = 150
const OBJECTS = 120
/** ZTF assigns an alert to an object within this distance of the object's first alert, in arcsec. */
const ASSOCIATION = 1.5

/**
 * A lake of objects at poles, near right ascension 0 and elsewhere, each with alerts in several nights. Many are pairs a
 * few arcsec apart. Returns the alerts in the order in which they were made.
 */
export async function skyLake(t: TestContext, seed = 14): Promise<{ paths: Paths; alerts: SkyAlert[] }> {
  const random = new Random(seed)
  const paths = await dataFolder(t)
  const objects: { objectId: string; ra: number; dec: number }[] = []
  while (objects.length < OBJECTS) {
    const first = randomCone(random)
    for (const { ra, dec } of [first, pointInCone(random, { ...first, radius: random.between(0, 8) })])
      objects.push({ objectId: `ZTF19${random.letters(7)}`, ra, dec })
  }
  const alerts: SkyAlert[] = []
  for (const night of NIGHTS) {
    const edit = ({ candidate }: Values): Values => {
      const { objectId, ra, dec } = random.pick(objects)
      const position = rounded(pointInCone(random, { ra, dec, radius: ASSOCIATION }))
      const { fid, magpsf } = candidate as { fid: number; magpsf: number }
      const date = `${night.slice(0, 4)}-${night.slice(4, 6)}-${night.slice(6)}`
      alerts.push({ objectId, night: date, ...position, fid, magpsf })
      return { objectId, candidate: { ...(candidate as Values), ...position } }
    }
    await convert(paths, makeNight({ night, alerts: ALERTS_PER_NIGHT, edges: 0, edit }))
  }
  await makeIndex(paths)
  return { paths, alerts }
}

/** Objects by brute force, in the order of their names. */
export function objectsOf(alerts: readonly SkyAlert[]): SkyObject[] {
  const objectIds = [...new Set(alerts.map(({ objectId }) => objectId))].sort()
  return objectIds.map(objectId => {
    const own = alerts.filter(alert => alert.objectId === objectId)
    const [x = 0, y = 0, z = 0] = [0, 1, 2].map(axis =>
      own.reduce((sum, { ra, dec }) => sum + (unitVector(ra, dec)[axis] as number), 0),
    )
    const nights = own.map(({ night }) => night).sort()
    return {
      objectId,
      ra: (Math.atan2(y, x) / DEGREE + 360) % 360,
      dec: Math.atan2(z, Math.hypot(x, y)) / DEGREE,
      alerts: own.length,
      first_night: nights[0] as string,
      last_night: nights.at(-1) as string,
      ...{ g: brightest(own, 1), r: brightest(own, 2), i: brightest(own, 3) },
    }
  })
}

/** Objects in a cone by brute force, nearest first. */
export function objectsInCone(
  objects: readonly SkyObject[],
  { ra, dec, radius }: { readonly ra: number; readonly dec: number; readonly radius: number },
): (SkyObject & { readonly separation: number })[] {
  const centre = unitVector(ra, dec)
  return objects
    .map(object => ({ ...object, separation: angle(unitVector(object.ra, object.dec), centre) / ARCSEC }))
    .filter(({ separation }) => separation <= radius)
    .sort((a, b) => a.separation - b.separation)
}

/** Distance of two positions in arcsec. Right ascensions differ much for the same position at a pole. */
export function distance(a: { ra: number; dec: number }, b: { ra: number; dec: number }): number {
  return angle(unitVector(a.ra, a.dec), unitVector(b.ra, b.dec)) / ARCSEC
}

function brightest(alerts: readonly SkyAlert[], fid: number): number | null {
  const magnitudes = alerts.filter(alert => alert.fid === fid).map(({ magpsf }) => magpsf)
  return magnitudes.length > 0 ? Math.min(...magnitudes) : null
}

/** As in the archive, with 7 decimals. */
function rounded({ ra, dec }: { ra: number; dec: number }): { ra: number; dec: number } {
  return { ra: Number(((ra + 360) % 360).toFixed(7)), dec: Number(dec.toFixed(7)) }
}
