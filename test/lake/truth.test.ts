import assert from 'node:assert/strict'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { convertNight } from '../../lib/lake/convert.ts'
import type { Manifest } from '../../lib/lake/manifest.ts'
import { dataFolder, SETTINGS } from '../support/data-folder.ts'
import { ask } from '../support/lake-reader.ts'
import { ARCHIVE, NO_ARCHIVE, realNights, TRUTH } from '../support/shared.ts'

const ALERTS = 1644

/** SQL condition for each column of the truth: whether the lake's row `l` agrees with the truth's row `t`. */
const AGREES = {
  tarball: "t.tarball = regexp_replace(l.f, '-[0-9a-f]{8}-[0-9]{4}.parquet$', '.tar.gz')",
  candid: 'l.candid = t.candid::bigint and l.candidate.candid = l.candid',
  objectId: same('l.objectId', 't.objectId'),
  schemavsn: same('l.schemavsn', 't.schemavsn'),
  jd: same('l.candidate.jd', 't.jd::double'),
  magpsf: same('l.candidate.magpsf', 't.magpsf::float'),
  rb: same('l.candidate.rb', 't.rb::float'),
  drb: same('l.candidate.drb', 't.drb::float'),
  exptime: same('l.candidate.exptime', 't.exptime::float'),
  isdiffpos: same('l.candidate.isdiffpos', 't.isdiffpos'),
  ssnamenr: same('l.candidate.ssnamenr', 't.ssnamenr'),
  objectidps1: same('l.candidate.objectidps1', 't.objectidps1::bigint'),
  n_prv: same('len(l.prv_candidates)', 't.n_prv::bigint'),
  n_prv_detections: same(
    'coalesce(len(list_filter(l.prv_candidates, x -> x.candid is not null)), 0)',
    't.n_prv_detections::bigint',
  ),
  prv_magpsf_sum:
    'abs(coalesce(list_sum(list_transform(l.prv_candidates, x -> x.magpsf::double)), 0)' +
    ' - coalesce(t.prv_magpsf_sum::double, 0)) <= 1e-9',
  n_fp: same('len(l.fp_hists)', 't.n_fp::bigint'),
  science_sha1: same('substr(sha1(l.cutoutScience.stampData), 1, 16)', 't.science_sha1'),
  template_sha1: same('substr(sha1(l.cutoutTemplate.stampData), 1, 16)', 't.template_sha1'),
  difference_sha1: same('substr(sha1(l.cutoutDifference.stampData), 1, 16)', 't.difference_sha1'),
}

/** Manifest of each exceptional night: state, members, alerts, duplicates, damaged. */
const EXCEPTIONS: Record<string, [state: Manifest['state'], ...counts: number[]]> = {
  ztf_public_20180710: ['empty', 0, 0, 0, 0],
  ztf_public_20200429: ['empty', 0, 0, 0, 0],
  ztf_public_20210217: ['empty', 0, 0, 0, 0],
  ztf_public_20260202: ['empty', 0, 0, 0, 0],
  ztf_public_20191016_programid3: ['empty', 0, 0, 0, 0],
  ztf_public_20200113: ['salvaged', 3, 3, 0, 0],
  ztf_public_20200202: ['salvaged', 2, 2, 0, 0],
  ztf_public_20200307: ['whole', 4, 3, 0, 1],
  ztf_public_20210301: ['whole', 7, 5, 2, 0],
}

test('agrees with an independent reader on all real alerts', { skip: NO_ARCHIVE }, async t => {
  const paths = await dataFolder(t)
  const manifests = new Map<string, Manifest>()
  for (const night of await realNights()) {
    await symlink(join(ARCHIVE, night.name), paths.tarball(night))
    manifests.set(night.stem, await convertNight(paths, night, SETTINGS, undefined))
  }

  await t.test('has the same rows, with the same value in every column', async () => {
    const columns = Object.entries(AGREES).map(([column, agrees]) => `count_if(${agrees})::int "${column}"`)
    const [counts] = await ask(
      paths,
      `with t as (select * from read_csv('${TRUTH}', all_varchar=true)),
            l as (select parse_filename(filename) f, * from read_parquet(LAKE, filename=true))
       select count(*)::int n, ${columns.join(', ')}
       from t full join l on l.candid = t.candid::bigint and starts_with(l.f, replace(t.tarball, '.tar.gz', '') || '-')`,
    )
    const expected = Object.keys(AGREES).map(column => [column, ALERTS])
    assert.deepEqual(counts, { n: ALERTS, ...Object.fromEntries(expected) })
  })

  await t.test('compares every column of the truth but the header’s version', async () => {
    const columns = await ask(paths, `describe select * from read_csv('${TRUTH}', all_varchar=true)`)
    const names = columns.map(({ column_name }) => column_name).filter(name => name !== 'header_version')
    assert.deepEqual(names.toSorted(), Object.keys(AGREES).toSorted())
  })

  await t.test('counts the schema versions in the headers', async () => {
    const truth = await ask(
      paths,
      `select tarball, header_version v, count(*)::int n from read_csv('${TRUTH}', all_varchar=true) group by all`,
    )
    assert.equal(
      truth.reduce((sum, row) => sum + (row.n as number), 0),
      ALERTS,
    )
    for (const { tarball, v, n } of truth) {
      const stem = (tarball as string).replace('.tar.gz', '')
      assert.equal(manifests.get(stem)?.schemaVersions[v as string], n, stem)
    }
  })

  await t.test('writes each night to its partition', async () => {
    const [row] = await ask(
      paths,
      `select count_if(concat(year, lpad(month::varchar, 2, '0'), lpad(day::varchar, 2, '0')) = parse_filename(filename)[12:19])::int n
       from read_parquet(LAKE, filename=true, hive_partitioning=true)`,
    )
    assert.deepEqual(row, { n: ALERTS })
  })

  await t.test('records the exceptional nights as such, all others as whole', () => {
    let exceptions = 0
    for (const [stem, { state, members, alerts, duplicates, damaged }] of manifests) {
      const expected = EXCEPTIONS[stem] ?? ['whole', alerts, alerts, 0, 0]
      assert.deepEqual([state, members, alerts, duplicates, damaged], expected, stem)
      if (EXCEPTIONS[stem]) exceptions++
      else assert.ok(alerts > 0, stem)
    }
    assert.deepEqual([exceptions, manifests.size], [9, 66])
  })

  await t.test('records what was salvaged and damaged', () => {
    assert.match(manifests.get('ztf_public_20200113')?.salvage ?? '', /^its tar is cut inside \S+\.avro$/)
    assert.match(manifests.get('ztf_public_20200202')?.salvage ?? '', /^its gzip stream is cut or damaged/)
    const [packet] = manifests.get('ztf_public_20200307')?.damagedPackets ?? []
    assert.match(packet?.member ?? '', /\.avro$/)
    assert.equal(manifests.get('ztf_public_20210301')?.duplicateCandids.length, 2)
    assert.deepEqual(
      [...manifests.values()].flatMap(({ newColumns }) => newColumns),
      [],
    )
  })
})

function same(ours: string, theirs: string): string {
  return `${ours} is not distinct from ${theirs} and t.candid is not null and l.candid is not null`
}
