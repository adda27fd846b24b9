/**
 * Distance within which a source of the reference image is taken to be the object, as in ALeRCE's correction: in pixels
 * for detections and in arcsec for forced photometry. A pixel has 1.01 arcsec.
 */
export const MATCH_RADIUS = 1.4

/** Magnitude difference for a factor of e in flux. */
export const MAG_PER_E = 2.5 / Math.LN10

/** Values of a light curve's row, by column. Missing values are null. */
type Values = Readonly<Record<string, unknown>>

/** Apparent magnitude and its errors, by column. Null if there is none. */
export interface Apparent {
  readonly magpsf_corr: number | null
  readonly sigmapsf_corr: number | null
  readonly sigmapsf_corr_ext: number | null
}

const NONE: Apparent = { magpsf_corr: null, sigmapsf_corr: null, sigmapsf_corr_ext: null }

/**
 * Apparent magnitude of a detection or forced measurement, from the flux of the reference source plus the difference flux,
 * with ALeRCE's formulas and names (Förster et al. 2021, AJ 161, 242, and github.com/alercebroker/lc_correction).
 * All values are null without a near reference source, or if the sum is not positive.
 */
export function apparentOf(row: Values): Apparent {
  const [reference, difference] = [referenceFlux(row), differenceFlux(row)]
  if (!reference || !difference || !hasNearSource(row)) return NONE
  const flux = reference.flux + difference.flux
  if (!(flux > 0)) return NONE
  // The noise of the difference image includes that of the reference image.
  const variance = difference.error ** 2 - reference.error ** 2
  return {
    magpsf_corr: finite(-2.5 * Math.log10(flux)),
    sigmapsf_corr: finite((MAG_PER_E * Math.sqrt(variance)) / flux),
    sigmapsf_corr_ext: finite((MAG_PER_E * difference.error) / flux),
  }
}

/** Whether a source of the reference image is near enough to be the object. */
export function hasNearSource({ distnr, forceddistnr }: Values): boolean {
  const distance = distnr ?? forceddistnr
  return typeof distance === 'number' && distance >= 0 && distance < MATCH_RADIUS
}

/** True if `isdiffpos` marks a source that is fainter than in the reference image. */
export function isFainter(isdiffpos: unknown): boolean {
  return isdiffpos === 'f' || isdiffpos === '0'
}

/** Flux and error in units of a source of magnitude 0. */
interface Flux {
  readonly flux: number
  readonly error: number
}

function referenceFlux({ magnr, sigmagnr }: Values): Flux | undefined {
  return typeof magnr === 'number' ? fluxOf(magnr, sigmagnr) : undefined
}

function differenceFlux(row: Values): Flux | undefined {
  const { magpsf, sigmapsf, isdiffpos, forcediffimflux, forcediffimfluxunc, magzpsci } = row
  if (typeof magpsf === 'number' && isdiffpos !== null) {
    const { flux, error } = fluxOf(magpsf, sigmapsf)
    return { flux: isFainter(isdiffpos) ? -flux : flux, error }
  }
  if (typeof forcediffimflux !== 'number' || typeof magzpsci !== 'number') return undefined
  const unit = 10 ** (-0.4 * magzpsci)
  return { flux: forcediffimflux * unit, error: Number(forcediffimfluxunc ?? Number.NaN) * unit }
}

/** A missing error is NaN, and so is what is computed from it. */
function fluxOf(mag: number, sigma: unknown): Flux {
  const flux = 10 ** (-0.4 * mag)
  return { flux, error: (flux * Number(sigma ?? Number.NaN)) / MAG_PER_E }
}

/** The value as a 32-bit float, which is the precision of magnitudes in alerts; null if it is not finite. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? Math.fround(value) : null
}
