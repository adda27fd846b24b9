import { plural } from '../core/units.ts'
import { MATCH_RADIUS } from '../curve/apparent.ts'
import { BANDS } from '../curve/bands.ts'
import type { ObjectData } from './find.ts'
import { isInReference, panelsOf, placedIn } from './panels.ts'
import { countChannels, type Point } from './points.ts'
import { referencesOf } from './references.ts'

/** Sources with at most this star score count as galaxies, as in ALeRCE's correction. */
const MAX_GALAXY_SCORE = 0.4
/** Reference magnitudes of the same band that differ by more are mentioned. */
const MAX_REFERENCE_SPREAD = 0.1

/** Distance in arcsec within which a known solar system object may be the source of the alert. */
const MAX_SOLAR_SYSTEM_DISTANCE = 5

const LIMIT_NOTE =
  "Limits are exposures in which the alerts list no detection, although the pipeline's filters may have rejected one. These are no upper limits on the object's change."

/** How to read the light curve, and when its apparent magnitudes are unreliable. */
export function curveNotes({ points, candidate }: Pick<ObjectData, 'points' | 'candidate'>): string[] {
  if (points.length === 0) return []
  const channels = countChannels(points)
  const separate = `The detections are from ${channels} readout channels (field, rcid), each with its own reference image, so that they may form separate tracks.`
  return [
    ...solarSystemNotes(candidate),
    ...(isInReference(points) ? apparentNotes(points, candidate) : differenceNotes(points)),
    ...limitNotes(points),
    ...(channels > 1 ? [separate] : []),
  ]
}

function limitNotes(points: readonly Point[]): string[] {
  if (!points.some(({ kind }) => kind === 'limit')) return []
  const place = ' They are in the lower panel, at its upper edge if they are above the scale.'
  return [`${LIMIT_NOTE}${isInReference(points) ? place : ''}`]
}

function solarSystemNotes({ ssnamenr, ssdistnr }: ObjectData['candidate']): string[] {
  const isNear = typeof ssdistnr === 'number' && ssdistnr >= 0 && ssdistnr < MAX_SOLAR_SYSTEM_DISTANCE
  if (!isNear || typeof ssnamenr !== 'string' || ssnamenr === 'null') return []
  return [
    `The alert is ${ssdistnr.toFixed(1)} arcsec from the solar system object ${ssnamenr}. If that is what was detected, limits and other detections belong to the position, not to it.`,
  ]
}

function apparentNotes(points: readonly Point[], candidate: ObjectData['candidate']): string[] {
  const detections = points.filter(({ kind }) => kind === 'detection')
  const without = detections.filter(({ reference }) => !reference).length
  const vanished = detections.filter(({ reference }) => reference && !reference.apparent).length
  const spread = BANDS.flatMap(band => referenceSpread(points, band))
  const hasFaint = placedIn('apparent', points).some(({ y, isFaint }) => y !== undefined && isFaint)
  return [
    'Up is brighter. Upper panel: apparent magnitude, from the flux of the source in the reference image (dashed) plus the difference flux. Lower panel: the difference flux alone, negative if the object is fainter than in the reference image. Errors are those of the difference (sigmapsf_corr_ext).',
    `Dashed: the source in the reference images, by (field rcid): ${BANDS.flatMap(band => dashed(points, band)).join('; ')}.`,
    ...(hasFaint
      ? ['Pale symbols: the flux of the apparent magnitude is less than 3 times its error (below 3 sigma).']
      : []),
    ...(without > 0
      ? [
          `${plural(without, 'detection')} of ${detections.length} have no source of the reference image within ${MATCH_RADIUS} px, and so no apparent magnitude.`,
        ]
      : []),
    ...(vanished > 0
      ? [
          `In ${plural(vanished, 'detection')} the difference cancels the source of the reference image: they have no apparent magnitude, and like those below 1 sigma are at the lower edge.`,
        ]
      : []),
    ...(spread.length > 0
      ? [
          `The source has different magnitudes in the reference images of the channels (${spread.join(', ')}), and so do the apparent magnitudes.`,
        ]
      : []),
    ...(isGalaxy(candidate)
      ? [
          'The nearest Pan-STARRS source is probably a galaxy (sgscore1): apparent magnitudes then include an unknown part of its light, and the lower panel is the safer one.',
        ]
      : []),
  ]
}

/** Magnitudes of a band's dashed lines, with their readout channels. */
function dashed(points: readonly Point[], band: Point['band']): string[] {
  const mags = referencesOf(points.filter(point => point.band === band)).map(
    ({ mag, channels }) => `${mag.toFixed(2)} (${channels.join(', ') || '–'})`,
  )
  return mags.length > 0 ? [`${band} ${mags.join(', ')}`] : []
}

function differenceNotes(points: readonly Point[]): string[] {
  const detections = points.filter(({ kind }) => kind === 'detection')
  const near = detections.filter(({ reference }) => reference).length
  const count = near > 0 ? `Only ${near} of ${plural(detections.length, 'detection')} have` : 'No detection has'
  return [
    `Up is brighter. ${count} a source of the reference image within ${MATCH_RADIUS} px. The object is assumed not to be in that image, so that the difference magnitude is its apparent magnitude.`,
    ...(panelsOf(points).includes('flux')
      ? [
          'Detections fainter than the reference image have no magnitude: they are the negative ones in the panel of the difference flux.',
        ]
      : []),
  ]
}

function referenceSpread(points: readonly Point[], band: Point['band']): string[] {
  const mags = points.flatMap(point => (point.band === band && point.reference ? point.reference.mag : []))
  const [low, high] = [Math.min(...mags), Math.max(...mags)]
  return high - low > MAX_REFERENCE_SPREAD ? [`${band}: ${low.toFixed(2)} to ${high.toFixed(2)}`] : []
}

function isGalaxy({ sgscore1, distpsnr1 }: ObjectData['candidate']): boolean {
  const isNear = typeof distpsnr1 === 'number' && distpsnr1 >= 0 && distpsnr1 < MATCH_RADIUS
  return isNear && typeof sgscore1 === 'number' && sgscore1 >= 0 && sgscore1 <= MAX_GALAXY_SCORE
}
