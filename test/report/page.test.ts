import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { type ListedFile, parseListing } from '../../lib/archive/listing.ts'
import { writeListingFile } from '../../lib/archive/listing-file.ts'
import { showBytes, showCount } from '../../lib/core/units.ts'
import { lakeBytes, type Manifest } from '../../lib/lake/manifest.ts'
import { recordFailure } from '../../lib/nights/failures.ts'
import { recordRun } from '../../lib/nights/runs.ts'
import { ADDRESS, entry, tableText } from '../support/archive-table.ts'
import { cellOf, countsShown, NO_CHROMIUM, openPage, rowsShown } from '../support/browser.ts'
import { wiped } from '../support/damage.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { emptyNight, makeNight, type SyntheticNight } from '../support/night.ts'
import { reportOf } from '../support/report-page.ts'
import { runScript } from '../support/run.ts'
import { makeSurvey } from '../support/survey.ts'

const SKIP = { skip: NO_CHROMIUM }
const WHOLE = makeNight({ night: '20191003', alerts: 7, schemas: [{ version: '3.3', style: 'python' }] })
const DAMAGED = makeNight({ night: '20191003', kind: 'programid3', alerts: 4, damage: { 1: wiped } })
const CUT = makeNight({ night: '20191005', alerts: 5, cutTar: { member: 3, bytes: 900 } })
const EMPTY = emptyNight('20191006', 'tar')
const UNLISTED_EMPTY = emptyNight('20191007', 'tar')
const FAILED = makeNight({ night: '20191008', alerts: 2 })
const WAITING = makeNight({ night: '20191009', alerts: 3 })
const LISTED = makeNight({ night: '20200101', alerts: 2 })
const REASON = 'the archive answered 503'
const MARKUP = '<img src=x onerror="document.title=1"></script><script>document.title=2</script>'

test('the page shows the listing, the tarballs on disk and the manifests', SKIP, async t => {
  const uris = await temporaryFolder(t)
  const paths = await dataFolder(t)
  const listing = listingOf([WHOLE, DAMAGED, CUT, EMPTY, FAILED, WAITING, LISTED])
  await writeListingFile(uris, listing)
  const manifests: Manifest[] = []
  for (const [i, night] of [WHOLE, DAMAGED, CUT].entries()) manifests.push(await convert(paths, night, {}, listing[i]))
  await convert(paths, UNLISTED_EMPTY)
  await writeFile(paths.tarball(nightOf(WAITING.name)), WAITING.bytes)
  await recordFailure(paths, nightOf(FAILED.name), REASON)
  await recordRun(paths, { ended: 0, seconds: 12, nights: 3, alerts: 1632, tarballBytes: 24 * 1024 * 1024 })
  const report = join(paths.data, 'report.html')
  const { status, out } = await runScript('report', { DATA: paths.data, URIS: uris })
  assert.equal(status, 0)
  assert.match(
    out,
    new RegExp(
      `^${report}: 8 nights: 6 with alerts \\(1 of them programid3\\), 2 empty; .* KiB; open it in a browser\n$`,
    ),
  )
  const page = await openPage(t, report)

  await t.test('by state', async () => {
    assert.deepEqual(
      manifests.map(({ state }) => state),
      ['whole', 'whole', 'salvaged'],
    )
    const others = { listed: '1', 'on disk': '1', failed: '1', empty: '2' }
    // 91 dates from 3 October to 1 January, seven of them with a file.
    assert.deepEqual(await countsShown(page), { ...others, 'in the lake': '2', salvaged: '1', 'no file': '84' })
    assert.equal(await page.locator('#calendar [data-date]').count(), 91)
  })

  await t.test('in total', async () => {
    const totals = (await page.locator('#totals').innerText()).split('\n').filter(Boolean)
    const bytes = showBytes(sum(manifests, lakeBytes))
    assert.ok(totals.includes('3') && totals.includes('of 6 with alerts'), totals.join())
    assert.ok(totals.includes(showCount(sum(manifests, ({ alerts }) => alerts))), totals.join())
    assert.ok(totals.includes(bytes) && totals.includes('1 damaged packet left out'), totals.join())
  })

  await t.test('in the table', async () => {
    const rows = new Map((await rowsShown(page)).map(row => [row.Night, row]))
    assert.equal(rows.size, 8)
    for (const [i, name] of ['2019-10-03', '2019-10-03 programid3', '2019-10-05'].entries()) {
      const manifest = manifests[i] as Manifest
      const row = rows.get(name)
      assert.deepEqual([row?.Alerts, row?.Damaged], [manifest.alerts, manifest.damaged].map(showCount))
      assert.deepEqual([row?.['tar.gz'], row?.Parquet], [manifest.tarballBytes, lakeBytes(manifest)].map(showBytes))
      assert.equal(row?.Compression, (manifest.tarBytes / lakeBytes(manifest)).toFixed(2))
      assert.equal(row?.Schema, Object.keys(manifest.schemaVersions).join(', '))
    }
    assert.equal(rows.get('2019-10-05')?.Notes, manifests[2]?.salvage)
    assert.deepEqual([rows.get('2019-10-08')?.State, rows.get('2019-10-08')?.Notes], ['failed', REASON])
    const command = await page.locator('#command').innerText()
    const objects = `NIGHTS=20191005 Q="from objects order by alerts desc"`
    assert.equal(command, `Objects of 2019-10-05: make sql DATA=${paths.data} ${objects}`)
  })

  await t.test('in the charts', async () => {
    const chart = (title: string) => page.locator('figure', { hasText: title }).innerText()
    const alerts = sum(manifests, manifest => manifest.alerts)
    assert.ok((await chart('Cumulative alerts')).includes(`${alerts} in total`))
    const versions = await chart('Schema versions')
    for (const version of manifests.flatMap(({ schemaVersions }) => Object.keys(schemaVersions)))
      assert.ok(versions.includes(version), versions)
    assert.match(await chart('Throughput of the last runs'), /3 nights in 12\.0 s\s*136 alerts\/s {2}· {2}2\.0 MiB\/s/)
    assert.match(await chart('Volume by year'), /2019\s+2020/)
    const [tar, lake] = [sum(manifests, ({ tarBytes }) => tarBytes), sum(manifests, lakeBytes)]
    const ratio = (tar / lake).toFixed(2)
    assert.ok((await chart('Compression')).includes(`all nights, ${ratio}`))
    assert.ok((await page.locator('#totals').innerText()).includes(`${ratio} times smaller than the tar`))
  })

  await t.test('in the calendar, for both tarballs of a date, on hover and on focus', async () => {
    const details = page.locator('#details')
    await cellOf(page, '20191003').hover()
    const text = await details.innerText()
    for (const { tarball } of manifests.slice(0, 2)) assert.ok(text.includes(tarball.replace('.tar.gz', '')), text)
    assert.match(text, /1 damaged packet left out/)
    await page.mouse.move(0, 0)
    await details.waitFor({ state: 'hidden' })
    await cellOf(page, '20191008').focus()
    assert.match(await details.innerText(), new RegExp(REASON))
    const label = await cellOf(page, '20191003').getAttribute('aria-label')
    assert.equal(label, 'Thu 03 Oct 2019: in the lake, 7 alerts; in the lake, 3 alerts')
  })
})

test('hostile names and messages appear as text, never as markup', SKIP, async t => {
  const survey = makeSurvey('20191001', '20191012', 3)
  const hostile = survey.manifests.map(manifest => ({
    ...manifest,
    ...{ state: 'salvaged' as const, salvage: `cut ${MARKUP}`, damaged: 1, codec: MARKUP, newColumns: [MARKUP] },
    damagedPackets: [{ member: `member ${MARKUP}`, reason: `reason ${MARKUP}` }],
    schemaVersions: { [MARKUP]: manifest.alerts },
  }))
  const path = await reportOf(t, { ...survey, manifests: hostile }, async paths => {
    await recordFailure(paths, nightOf('ztf_public_20191012.tar.gz'), `failed ${MARKUP}`)
  })
  assert.ok(!(await readFile(path, 'utf8')).includes('<img'))
  const page = await openPage(t, path)
  const rows = await rowsShown(page)
  const row = rows.find(({ State }) => State === 'salvaged')
  for (const part of ['cut', 'member', 'reason']) assert.ok(row?.Notes?.includes(`${part} ${MARKUP}`), row?.Notes)
  assert.equal(row?.Schema, MARKUP)
  assert.equal(rows.find(({ Night }) => Night === '2019-10-12')?.Notes, `failed ${MARKUP}`)
  await cellOf(page, nightOf(hostile[0]?.tarball ?? '').date).hover()
  assert.ok((await page.locator('#details').textContent())?.includes(`member ${MARKUP}`))
  assert.equal(await page.locator('img').count(), 0)
  assert.equal(await page.title(), 'ztf-lake')
})

for (const [what, last, converted] of [
  ['3 nights', '20180603', 2],
  ['3,000 nights', '20260817', 2000],
] as const)
  test(`the page of ${what} has their counts and fits a desktop and a phone, light and dark`, SKIP, async t => {
    const survey = makeSurvey('20180601', last, converted)
    const path = await reportOf(t, survey)
    const page = await openPage(t, path)
    const { listing, manifests } = survey
    const countOf = (state: string) => showCount(manifests.filter(manifest => manifest.state === state).length)
    const counts = await countsShown(page)
    assert.deepEqual([counts['in the lake'], counts.salvaged], [countOf('whole'), countOf('salvaged')])
    assert.equal(counts.empty, showCount(listing.filter(({ kind }) => kind === 'empty').length))
    const alerts = showCount(sum(manifests, manifest => manifest.alerts))
    assert.ok((await page.locator('#totals').innerText()).includes(alerts))
    const dates = new Set(listing.map(({ night }) => night))
    const gaps = Number(counts['no file']?.replace(',', ''))
    assert.equal(await page.locator('#calendar [data-date]').count(), dates.size + gaps)
    assert.equal(await page.locator('#charts > figure').count(), 6)
    assert.ok((await rowsShown(page)).length <= 100)

    const light = await page.screenshot()
    await page.emulateMedia({ colorScheme: 'dark' })
    assert.notDeepEqual(await page.screenshot(), light)
    const phone = await openPage(t, path, { viewport: { width: 360, height: 740 } })
    for (const opened of [page, phone]) assert.ok(await fits(opened))
    const cut = await phone.locator('.scroll').evaluate(box => box.scrollWidth - box.clientWidth)
    assert.equal(cut, 0)
  })

test('years without nights have their place in the calendar and in the charts', SKIP, async t => {
  const [early, late] = [makeSurvey('20191001', '20191003', 3), makeSurvey('20220101', '20220103', 3)]
  const survey = { listing: [], manifests: [...early.manifests, ...late.manifests] }
  const path = await reportOf(t, survey)
  for (const width of [1240, 390]) {
    const page = await openPage(t, path, { viewport: { width, height: 740 } })
    const labels = (await page.locator('#calendar').textContent())?.match(/20\d\d/g)
    assert.deepEqual(labels, ['2019', '2020', '2021', '2022'])
    const volume = await page.locator('figure', { hasText: 'Volume by year' }).innerText()
    assert.match(volume, /2019\s+2020\s+2021\s+2022/)
  }
})

test('schema versions are in order, in the table and in the chart', SKIP, async t => {
  const { listing, manifests } = makeSurvey('20191001', '20191001', 1)
  const mixed = manifests.map(manifest => ({ ...manifest, schemaVersions: { 3.3: 1, 4.01: 1, 3.1: 1 } }))
  const page = await openPage(t, await reportOf(t, { listing, manifests: mixed }))
  assert.equal((await rowsShown(page))[0]?.Schema, '3.1, 3.3, 4.01')
  const chart = await page.locator('figure', { hasText: 'Schema versions' }).innerText()
  assert.match(chart, /3\.1\s+3\.3\s+4\.01/)
})

test('every drawing has a role and a name, or is hidden from screen readers', SKIP, async t => {
  const page = await openPage(t, await reportOf(t, makeSurvey('20191001', '20200120', 30)))
  const unnamed = page.locator('svg:not([aria-hidden=true]):not([role][aria-label])')
  assert.deepEqual(await unnamed.evaluateAll(drawings => drawings.map(({ outerHTML }) => outerHTML)), [])
  assert.ok((await page.locator('svg[role][aria-label]').count()) > 6)
})

test('an empty page says which commands to run', SKIP, async t => {
  const page = await openPage(t, await reportOf(t, { listing: [], manifests: [] }))
  assert.match(await page.locator('#calendar').innerText(), /make uris/)
  assert.match(await page.locator('#charts').innerText(), /make lake/)
})

function listingOf(nights: readonly SyntheticNight[]): ListedFile[] {
  return parseListing(tableText(nights.map(({ name, bytes }) => entry(name, bytes.length))), ADDRESS)
}

/** Whether the page needs no horizontal scrolling. */
async function fits(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth')
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
