import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { type Apparent, apparentOf, isFainter } from '../../lib/curve/apparent.ts'
import { dataFolder } from '../support/data-folder.ts'
import { makeIndex } from '../support/index.ts'
import { realLake } from '../support/real-lake.ts'
import { runScript } from '../support/run.ts'
import { NO_ARCHIVE } from '../support/shared.ts'

/**
 * Magnitudes of ZTF17aaaedmd that ALeRCE's API returned on 12 June 2020, as saved in its repository lc_correction,
 * notebooks/Test object.ipynb (magpsf_corr by candid; None where the sum of the fluxes is not positive).
 */
const PUBLISHED: Readonly<Record<string, number | null>> = {
  '558428623915010017': 13.9338976153775,
  '558464593915010008': 16.7167376110559,
  '559413693915010009': 13.9649249672682,
  '559447093915010010': 16.7576680125838,
  '565458043915010019': 14.1947012753545,
  '618281443915010013': 18.844407735876,
  '620263843915010022': 18.9650452574901,
  '631239383915010008': 15.8407965006983,
  '632175333915010012': null,
  '1009192473915010017': null,
  '1010180383915010015': null,
  '1015149753915010018': 16.6402590645353,
  '1015177663915010015': null,
}

const DETECTION = { magpsf: 17, sigmapsf: 0.05, isdiffpos: 't', magnr: 16, sigmagnr: 0.02, distnr: 0.2 }
const NONE: Apparent = { magpsf_corr: null, sigmapsf_corr: null, sigmapsf_corr_ext: null }

test('the apparent magnitude and its errors are those that ALeRCE publishes', () => {
  // Candid 1099457122415015024 of ZTF17aacfokn: lc_correction, data_examples/light_curves/ZTF17aacfokn_lc.csv.
  const brighter = { magpsf: 15.13751220703125, sigmapsf: 0.04026803746819496, isdiffpos: 't', distnr: 0.374 }
  const { magpsf_corr } = apparentOf({ ...brighter, magnr: 13.598999977111816, sigmagnr: 0.012000000104308128 })
  assertClose(magpsf_corr, 13.36331558227539, 1e-5)
  // Candid 618271950015010002: lc_correction's results in the tests of the repository web-services, with the reference
  // magnitude and error to three digits, as in alerts, that these results imply.
  const fainter = { magpsf: 18.622025, sigmapsf: 0.09397929, isdiffpos: 'f', distnr: 0.08482515 }
  const found = apparentOf({ ...fainter, magnr: 17.454, sigmagnr: 0.015 })
  assertClose(found.magpsf_corr, 17.906834, 1e-4)
  assertClose(found.sigmapsf_corr, 0.042980175, 1e-5)
  assertClose(found.sigmapsf_corr_ext, 0.048635766, 1e-5)
})

test('isdiffpos f or 0 is fainter than the reference', () => {
  assert.deepEqual(['t', '1', 'f', '0', null].map(isFainter), [false, false, true, true, false])
})

test('an object as bright again as in the reference is 0.75 mag brighter', () => {
  const { magpsf_corr } = apparentOf({ ...DETECTION, magpsf: 16 })
  assertClose(magpsf_corr, 16 - 2.5 * Math.log10(2), 1e-5)
})

test('there is no apparent magnitude without a near source, or if nothing is left', () => {
  for (const change of [
    { distnr: 1.4 },
    { distnr: null },
    { magnr: null },
    { magpsf: null },
    { isdiffpos: null },
    { isdiffpos: 'f', magpsf: 16 },
    { isdiffpos: '0', magpsf: 15 },
  ])
    assert.deepEqual(apparentOf({ ...DETECTION, ...change }), NONE, JSON.stringify(change))
})

test('the error for an unresolved source is null if that of the reference is larger, and the other one stays', () => {
  const { magpsf_corr, sigmapsf_corr, sigmapsf_corr_ext } = apparentOf({ ...DETECTION, sigmapsf: 0.04 })
  assert.ok(magpsf_corr !== null && sigmapsf_corr_ext !== null)
  assert.equal(sigmapsf_corr, null)
  const missing = apparentOf({ ...DETECTION, sigmapsf: null })
  assert.deepEqual(missing, { ...NONE, magpsf_corr })
})

test('forced photometry has the apparent magnitude of a detection with the same flux', () => {
  const unit = 10 ** (0.4 * 26)
  for (const [isdiffpos, sign] of [
    ['t', 1],
    ['f', -1],
  ] as const) {
    const flux = 10 ** (-0.4 * 17) * unit
    const forced = {
      ...{ forcediffimflux: sign * flux, forcediffimfluxunc: (flux * 0.05 * Math.LN10) / 2.5, magzpsci: 26 },
      ...{ magnr: 16, sigmagnr: 0.02, forceddistnr: 0.2, distnr: null, magpsf: null },
    }
    assert.deepEqual(apparentOf(forced), apparentOf({ ...DETECTION, isdiffpos }))
  }
  assert.deepEqual(apparentOf({ forcediffimflux: 5, magzpsci: null, magnr: 16, forceddistnr: 0.2 }), NONE)
})

test("make curve gives a real object ALeRCE's published magnitudes, and a constant one those of Pan-STARRS", {
  skip: NO_ARCHIVE,
}, async t => {
  const paths = await dataFolder(t)
  await realLake(paths)
  await makeIndex(paths)
  const { out } = await runScript('curve', { DATA: paths.data, OBJECT: 'ZTF17aaaedmd' })
  const [heading = [], ...rows] = out.split('\n').map(line => line.split(','))
  const rowOf = (candid: string) => rows.find(row => row[heading.indexOf('candid')] === candid) ?? assert.fail(candid)
  for (const [candid, published] of Object.entries(PUBLISHED)) {
    const found = rowOf(candid)[heading.indexOf('magpsf_corr')]
    if (published === null) assert.equal(found, '', candid)
    // Detections that the lake only has as earlier ones have four digits, which the subtraction magnifies.
    else assert.ok(Math.abs(Number(found) - published) < 0.005, `${candid}: ${found}, published ${published}`)
  }
  await t.test('forced photometry agrees with the detections of the same exposures', async () => {
    const file = join(paths.data, 'curves.csv')
    const forced = await query(
      `select distinct objectId from read_parquet('${paths.lake}/*/*/*/*.parquet') where fp_hists is not null`,
    )
    const OBJECT = forced.map(({ objectId }) => objectId).join()
    await runScript('curve', { DATA: paths.data, OBJECT, OUT: file })
    const [{ pairs, difference, outliers } = {}] = await query(
      `with curve as (from read_csv('${file}') where magpsf_corr is not null and sigmapsf_corr_ext < 0.2),
         pairs as (select abs(a.magpsf_corr - b.magpsf_corr) / (a.sigmapsf_corr_ext + b.sigmapsf_corr_ext) sigmas
           from curve a join curve b using (objectId, jd, fid) where a.kind = 'detection' and b.kind = 'forced')
       select count(*) pairs, median(sigmas) difference, count(*) filter (sigmas > 3) outliers from pairs`,
    )
    assert.ok(
      Number(pairs) > 30 && Number(difference) < 0.5 && Number(outliers) * 10 < Number(pairs),
      `${pairs} ${difference} ${outliers}`,
    )
  })
  await t.test('stars have about the magnitudes of Pan-STARRS', async () => {
    const [{ stars, offset, scatter } = {}] = await query(
      `select count(*) stars, median(magnr - ps1) as "offset", mad(magnr - ps1) scatter from (
         select candidate.magnr magnr, case candidate.fid when 1 then candidate.sgmag1 else candidate.srmag1 end ps1
         from read_parquet('${paths.lake}/*/*/*/*.parquet') where candidate.distnr < 0.5 and candidate.distpsnr1 < 0.5
         and candidate.sgscore1 > 0.9 and candidate.fid < 3) where ps1 between 14 and 20`,
    )
    assert.ok(Number(stars) > 300 && Math.abs(Number(offset)) < 0.1 && Number(scatter) < 0.15, `${stars} ${offset}`)
  })
})

function assertClose(found: number | null, expected: number, tolerance: number): void {
  assert.ok(found !== null && Math.abs(found - expected) < tolerance, `${found}, expected ${expected}`)
}
