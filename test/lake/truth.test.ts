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

/** For each column of the truth, what the lake's row `l` must have to agree with the truth's row `t`. */
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

/** What the manifest of each odd night must say: state, members, alerts, duplicates, damaged. */
const ODD: Record<string, [state: Manifest['state'], ...counts: number[]]> = {
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

test('the lake of the real alerts is what an independent reader says', { skip: NO_ARCHIVE }, async t => {
  const paths = await dataFolder(t)
  const manifests = new Map<string, Manifest>()
  for (const night of await realNights()) {
    await symlink(join(ARCHIVE, night.name), paths.tarball(night))
    manifests.set(night.stem, await convertNight(paths, night, SETTINGS, undefined))
  }

  await t.test('every column of the truth agrees in every row, and no row is in one of the two alone', async () => {
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

  await t.test('every column of the truth but the header’s version is compared', async () => {
    const columns = await ask(paths, `describe select * from read_csv('${TRUTH}', all_varchar=true)`)
    const names = columns.map(({ column_name }) => column_name).filter(name => name !== 'header_version')
    assert.deepEqual(names.toSorted(), Object.keys(AGREES).toSorted())
  })

  await t.test('the schema versions that the headers state are counted', async () => {
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

  await t.test('each night is in its partition', async () => {
    const [row] = await ask(
      paths,
      `select count_if(concat(year, lpad(month::varchar, 2, '0'), lpad(day::varchar, 2, '0')) = parse_filename(filename)[12:19])::int n
       from read_parquet(LAKE, filename=true, hive_partitioning=true)`,
    )
    assert.deepEqual(row, { n: ALERTS })
  })

  await t.test('the odd nights are recorded as what they are, all others as whole', () => {
    let odd = 0
    for (const [stem, { state, members, alerts, duplicates, damaged }] of manifests) {
      const expected = ODD[stem] ?? ['whole', alerts, alerts, 0, 0]
      assert.deepEqual([state, members, alerts, duplicates, damaged], expected, stem)
      if (ODD[stem]) odd++
      else assert.ok(alerts > 0, stem)
    }
    assert.deepEqual([odd, manifests.size], [9, 66])
  })

  await t.test('what was salvaged and damaged is named', () => {
    assert.match(manifests.get('ztf_public_20200113')?.salvage ?? '', /^its tar is cut within \S+\.avro$/)
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
