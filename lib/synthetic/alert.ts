import type { Shape } from '../alerts/schema.ts'
import type { Random } from './random.ts'
import { type RandomValueOptions, randomValue } from './random-value.ts'
import { makeSighting, nightNumber, type Sighting } from './sighting.ts'
import { makeStamp, type StampSize } from './stamp.ts'

/** Fields of an alert, or of a record in it. Longs are bigints, bytes are Buffers, and missing values are null. */
export type Values = Record<string, unknown>

type RecordShape = Extract<Shape, { kind: 'record' }>

export interface AlertOptions {
  /** Date of the night, `YYYYMMDD`. */
  night: string
  /** Index of the alert in its night. It makes the candid unique. */
  index: number
  random: Random
  /** Value of `schemavsn`. */
  version: string
  programid?: number
  stamps?: StampSize
  /** Fraction of unusual values (NaN, infinities, extremes) in fields that get random values. */
  edges?: number
}

const INVESTIGATORS = ['Kulkarni', 'Graham', 'Prince', 'Žnidaršič', 'Ωμέγα', '天文 🔭']
const CLASSIFIERS = ['t8_f5_c3', 't12_f5_c3', 't17_f5_c3']

/** Makes an alert with exactly the fields of the schema. Unknown fields get a random value of their type. */
export function makeAlert(schema: Shape, options: AlertOptions): Values {
  return new AlertMaker(options).alert(recordOf(schema))
}

class AlertMaker {
  private readonly random: Random
  private readonly now: Sighting
  private readonly position: { ra: number; dec: number }
  private readonly options: AlertOptions

  constructor(options: AlertOptions) {
    this.options = options
    this.random = options.random
    this.now = makeSighting(nightNumber(options.night), options.index, this.random)
    const [ra, dec] = [this.random.between(0, 360), this.random.between(-30, 90)]
    this.position = { ra: Number(ra.toFixed(7)), dec: Number(dec.toFixed(7)) }
  }

  alert(shape: RecordShape): Values {
    const { random, now } = this
    const makers: Record<string, (shape: Shape) => unknown> = {
      schemavsn: () => this.options.version,
      publisher: () => 'a synthetic archive',
      objectId: () => `ZTF${random.int(17, Number(this.options.night.slice(2, 4)))}${random.letters(7)}`,
      candid: () => now.candid,
      candidate: inner => this.candidate(recordOf(inner)),
      prv_candidates: inner => (random.chance(0.1) ? null : this.history(recordOf(inner))),
      fp_hists: inner => (random.chance(0.1) ? null : this.photometry(recordOf(inner))),
      cutoutScience: () => this.cutout(`pid${now.pid}_targ_sci`),
      cutoutTemplate: () => this.cutout('ref'),
      cutoutDifference: () => this.cutout(`pid${now.pid}_targ_scimref`),
    }
    const entries = shape.fields.map(({ name, shape }) => [
      name,
      Object.hasOwn(makers, name) ? makers[name]?.(shape) : randomValue(shape, this.valueOptions({ nulls: 0.3 })),
    ])
    return Object.fromEntries(entries)
  }

  private candidate(shape: RecordShape): Values {
    const { random, now } = this
    return record(shape, this.valueOptions({ missing: -999, nulls: 0.02 }), {
      ...this.image(now),
      ...this.detection(now),
      ssnamenr: random.chance(0.9) ? 'null' : String(random.int(1, 400_000)),
      ndethist: random.int(1, 1500),
      ncovhist: random.int(1, 3000),
      nmtchps: random.int(0, 90),
      ...{ jdstarthist: now.jd - random.int(0, 900), jdendhist: now.jd },
      ...{ jdstartref: now.jd - 1000, jdendref: now.jd - 900, nframesref: random.int(15, 40) },
      rfid: BigInt(now.field * 1_000_000 + now.fid * 100 + now.rcid),
      drbversion: 'd6_m7',
    })
  }

  /** Earlier exposures of the position, oldest first. About half are non-detections, which have no magnitude. */
  private history(shape: RecordShape): Values[] {
    return this.earlier(30).map(sighting =>
      this.random.chance(0.5)
        ? record(shape, this.valueOptions({ nulls: 1 }), this.image(sighting))
        : record(shape, this.valueOptions({ nulls: 0.03 }), { ...this.image(sighting), ...this.detection(sighting) }),
    )
  }

  private photometry(shape: RecordShape): Values[] {
    return this.earlier(20).map(sighting =>
      record(shape, this.valueOptions({ missing: -99999, nulls: 0.02 }), {
        ...this.image(sighting),
        procstatus: this.random.pick(['0', '56', '57,63']),
        ...{ ranr: this.position.ra, decnr: this.position.dec },
        rfid: BigInt(sighting.field * 1_000_000 + sighting.fid * 100 + sighting.rcid),
      }),
    )
  }

  private earlier(maxCount: number): Sighting[] {
    const nights = Array.from({ length: this.random.int(1, maxCount) }, () => this.now.nid - this.random.int(1, 30))
    return nights.map(nid => makeSighting(nid, this.random.int(0, 42_999), this.random)).toSorted((a, b) => a.jd - b.jd)
  }

  /** Makes the fields that every exposure has, with or without a detection. */
  private image({ jd, nid, pid, fid, rcid, field }: Sighting): Values {
    return {
      ...{ jd, nid, pid, fid, rcid, field },
      diffmaglim: this.random.float(17, 22),
      pdiffimfilename: `ztf_${pid}_${String(field).padStart(6, '0')}_scimrefdiffimg.fits`,
      programpi: this.random.pick(INVESTIGATORS),
      programid: this.options.programid ?? 1,
      rbversion: this.random.pick(CLASSIFIERS),
    }
  }

  private detection({ candid, isdiffpos, tblid }: Sighting): Values {
    const { ra, dec } = this.position
    return {
      ...{ candid, isdiffpos, tblid },
      ...{ ra, dec, ranr: ra + 1e-5, decnr: dec - 1e-5 },
      magpsf: this.random.float(12, 21),
      sigmapsf: this.random.float(0.01, 0.3),
      rb: this.random.float(0, 1),
      drb: this.random.float(0, 1),
      exptime: 30,
    }
  }

  private cutout(name: string): Values | null {
    if (this.random.chance(0.03)) return null
    const stampData = makeStamp(this.options.stamps ?? 'small', this.random)
    return { fileName: `candid${this.now.candid}_${name}.fits.gz`, stampData }
  }

  private valueOptions(options: { missing?: number; nulls: number }): RandomValueOptions {
    return { random: this.random, edges: this.options.edges ?? 0.001, ...options }
  }
}

/** Makes a record with the `known` values, and random values in the remaining fields. */
function record({ fields }: RecordShape, options: RandomValueOptions, known: Values): Values {
  return Object.fromEntries(fields.map(({ name, shape }) => [name, known[name] ?? randomValue(shape, options)]))
}

/** Returns the shape itself if it is a record, otherwise the record inside the union or array. */
function recordOf(shape: Shape): RecordShape {
  if (shape.kind === 'record') return shape
  if (shape.kind === 'array') return recordOf(shape.of)
  if (shape.kind === 'union') return recordOf(shape.branches.find(({ kind }) => kind !== 'null') as Shape)
  throw new TypeError(`no record in ${shape.kind}`)
}
