import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { showBytes, showCount } from '../../lib/core/units.ts'
import { lakeBytes, type Manifest, readManifest } from '../../lib/lake/manifest.ts'
import { recordFailure } from '../../lib/nights/failures.ts'
import { Paths } from '../../lib/paths.ts'
import { wiped } from '../../lib/synthetic/damage.ts'
import { emptyNight, makeNight } from '../../lib/synthetic/night.ts'
import { makeSurvey, type Survey, writeSurvey } from '../../lib/synthetic/survey.ts'
import { cellOf, countsShown, linesShown, NO_CHROMIUM, openPage } from '../support/browser.ts'
import { nightOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { runScript } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const SKIP = { skip: NO_CHROMIUM }
const WHOLE = makeNight({ night: '20191003', alerts: 7, writings: [{ version: '3.3', style: 'python' }] })
const DAMAGED = makeNight({ night: '20191003', kind: 'programid3', alerts: 4, damage: { 1: wiped } })
const CUT = makeNight({ night: '20191005', alerts: 5, cutTar: { member: 3, bytes: 900 } })
const EMPTY = emptyNight('20191006', 'tar')
/** In no listing, but on disk. */
const HOLLOW = emptyNight('20191007', 'tar')
const FAILED = makeNight({ night: '20191008', alerts: 2 })
const WAITING = makeNight({ night: '20191009', alerts: 3 })
const LISTED = makeNight({ night: '20200101', alerts: 2 })
const REASON = 'the archive answered 503'
const MARKUP = '<img src=x onerror="document.title=1"></script><script>document.title=2</script>'

test('what the page shows is what the listing, the disk and the manifests say', SKIP, async t => {
  const space = await Workspace.open(t, [WHOLE, DAMAGED, CUT, EMPTY, FAILED, WAITING, LISTED])
  await space.make('uris')
  await space.make('download NIGHTS=20191003..20191007,20191009')
  await writeFile(space.paths.tarball(nightOf(HOLLOW.name)), HOLLOW.bytes)
  await space.make('lake NIGHTS=20191003..20191007')
  await recordFailure(space.paths, nightOf(FAILED.name), REASON)
  const { status, out } = await space.make('report')
  assert.equal(status, 0)
  assert.match(out, new RegExp(`^${space.paths.report}: 8 nights, .* KiB; open it in a browser\n$`))
  const manifests = await manifestsOf(space.paths, [WHOLE, DAMAGED, CUT])
  const page = await openPage(t, space.paths.report)

  await t.test('by state', async () => {
    assert.deepEqual(
      manifests.map(({ state }) => state),
      ['whole', 'whole', 'salvaged'],
    )
    const others = { listed: '1', 'on disk': '1', failed: '1', empty: '2' }
    // From 3 October to 1 January there are 91 dates, seven of them with a file.
    assert.deepEqual(await countsShown(page), { ...others, 'in the lake': '2', salvaged: '1', 'no file': '84' })
    assert.equal(await page.locator('#calendar [data-date]').count(), 91)
  })

  await t.test('in total', async () => {
    const totals = (await page.locator('#totals').innerText()).split('\n').filter(Boolean)
    const bytes = showBytes(sum(manifests, lakeBytes))
    assert.ok(totals.includes('3') && totals.includes('of 6 with alerts'), totals.join())
    assert.ok(totals.includes(showCount(sum(manifests, ({ alerts }) => alerts))), totals.join())
    assert.ok(totals.includes(bytes) && totals.includes('1 damaged packet kept aside'), totals.join())
  })

  await t.test('night by night', async () => {
    const lines = new Map((await linesShown(page)).map(line => [line.Night, line]))
    assert.equal(lines.size, 92)
    for (const [i, name] of ['2019-10-03', '2019-10-03 programid3', '2019-10-05'].entries()) {
      const { alerts, damaged, schemaVersions, tarballBytes, tarBytes, ...manifest } = manifests[i] as Manifest
      const line = lines.get(name)
      assert.deepEqual(
        [line?.Alerts, line?.Damaged, line?.['tar.gz'], line?.Parquet, line?.['Tar/Parquet'], line?.Schema],
        [
          ...[
            showCount(alerts),
            showCount(damaged),
            showBytes(tarballBytes),
            showBytes(lakeBytes(manifest as Manifest)),
          ],
          ...[(tarBytes / lakeBytes(manifest as Manifest)).toFixed(2), Object.keys(schemaVersions).join(', ')],
        ],
      )
    }
    assert.equal(lines.get('2019-10-05')?.Notes, manifests[2]?.salvage)
    assert.deepEqual([lines.get('2019-10-08')?.State, lines.get('2019-10-08')?.Notes], ['failed', REASON])
    assert.equal(lines.get('2019-10-04')?.State, 'no file')
  })

  await t.test('in the charts', async () => {
    const chart = (title: string) => page.locator('figure', { hasText: title }).innerText()
    const alerts = sum(manifests, manifest => manifest.alerts)
    assert.ok((await chart('Alerts, cumulated')).includes(`${alerts} in all`))
    const versions = await chart('Schema versions')
    for (const version of manifests.flatMap(({ schemaVersions }) => Object.keys(schemaVersions)))
      assert.ok(versions.includes(version), versions)
    assert.match(await chart('Throughput of the last runs'), /4 nights in \d/)
    assert.match(await chart('Volume by year'), /2019\s+2020/)
  })

  await t.test('in the calendar, of both tarballs of a date, on hover and on focus', async () => {
    const details = page.locator('#details')
    await cellOf(page, '20191003').hover()
    const text = await details.innerText()
    for (const { tarball } of manifests.slice(0, 2)) assert.ok(text.includes(tarball.replace('.tar.gz', '')), text)
    assert.match(text, /1 damaged packet kept aside/)
    await page.mouse.move(0, 0)
    await details.waitFor({ state: 'hidden' })
    await cellOf(page, '20191008').focus()
    assert.match(await details.innerText(), new RegExp(REASON))
    const label = await cellOf(page, '20191003').getAttribute('aria-label')
    assert.equal(label, 'Thu 03 Oct 2019: in the lake, 7 alerts; in the lake, 3 alerts')
  })
})

test('the table is sorted and filtered', SKIP, async t => {
  const survey = makeSurvey('20191001', '20191130', 30)
  const page = await openPage(t, await reportOf(t, survey))
  const alerts = async () =>
    (await linesShown(page))
      .map(line => line.Alerts?.replaceAll(',', ''))
      .filter(Boolean)
      .map(Number)
  const heading = page.locator('#table thead th', { hasText: /^Alerts$/ })
  const known = survey.manifests.map(manifest => manifest.alerts).sort((a, b) => b - a)

  await t.test('by a heading, one way and the other, with what has no value at the end', async () => {
    await heading.locator('button').click()
    assert.equal(await heading.getAttribute('aria-sort'), 'descending')
    assert.deepEqual(await alerts(), known)
    assert.notEqual((await linesShown(page))[0]?.Alerts, '')
    await heading.locator('button').press('Enter')
    assert.equal(await heading.getAttribute('aria-sort'), 'ascending')
    assert.deepEqual(await alerts(), known.toReversed())
    assert.equal((await linesShown(page)).at(-1)?.Alerts, '')
    assert.equal(await page.locator('[aria-sort]').count(), 1)
  })

  await t.test('by text', async () => {
    await page.locator('#search').fill('2019-11-0')
    const nights = (await linesShown(page)).map(line => line.Night ?? '')
    assert.ok(nights.length > 0 && nights.every(night => night.startsWith('2019-11-0')), nights.join())
    await page.locator('#search').fill('of this there is nothing')
    assert.match(await page.locator('#found').innerText(), /^none found among \d+$/)
    await page.locator('#search').fill('')
  })

  await t.test('by state, and the calendar dims the others', async () => {
    const counts = await countsShown(page)
    const button = page.locator('#states button', { hasText: 'listed' })
    await button.press('Enter')
    assert.equal(await button.getAttribute('aria-pressed'), 'true')
    const lines = await linesShown(page)
    assert.deepEqual(
      [lines.length, new Set(lines.map(({ State }) => State))],
      [Number(counts.listed), new Set(['listed'])],
    )
    assert.ok((await page.locator('#calendar .dimmed').count()) > 0)
    await button.press('Enter')
    assert.equal(await page.locator('#calendar .dimmed').count(), 0)
  })
})

test('keys go from night to night, and Enter finds the night in the table', SKIP, async t => {
  const page = await openPage(t, await reportOf(t, makeSurvey('20181230', '20200120', 30)))
  const focused = () => page.locator('#calendar :focus').getAttribute('data-date')
  assert.equal(await page.locator('#calendar [tabindex="0"]').count(), 1)
  await cellOf(page, '20200120').focus()
  const steps = [
    ['ArrowLeft', '20200113'],
    ['ArrowUp', '20200112'],
    ['ArrowRight', '20200119'],
    ['ArrowDown', '20200120'],
    ['ArrowDown', '20200120'],
    ['PageUp', '20190121'],
    ['Home', '20181230'],
    ['ArrowLeft', '20181230'],
    ['PageDown', '20191229'],
  ] as const
  for (const [key, date] of steps) {
    await page.keyboard.press(key)
    assert.equal(await focused(), date, key)
  }
  assert.equal(await page.locator('#calendar [tabindex="0"]').count(), 1)
  assert.equal(await page.locator('#details').isVisible(), true)
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('#details').isVisible(), false)
  await page.keyboard.press('Enter')
  assert.deepEqual(
    (await linesShown(page)).map(({ Night }) => Night),
    ['2019-12-29'],
  )
})

test('a tap shows the details of a night, and leaves the table alone', SKIP, async t => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
  const page = await openPage(t, await reportOf(t, makeSurvey('20191001', '20200120', 30)), phone)
  await cellOf(page, '20191104').tap()
  assert.match(await page.locator('#details').innerText(), /^Mon 04 Nov 2019$/m)
  assert.equal(await page.locator('#search').inputValue(), '')
})

test('a hostile name or message is text on the page, never markup', SKIP, async t => {
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
  const lines = await linesShown(page)
  const line = lines.find(({ State }) => State === 'salvaged')
  for (const part of ['cut', 'member', 'reason']) assert.ok(line?.Notes?.includes(`${part} ${MARKUP}`), line?.Notes)
  assert.equal(line?.Schema, MARKUP)
  assert.equal(lines.find(({ Night }) => Night === '2019-10-12')?.Notes, `failed ${MARKUP}`)
  await cellOf(page, nightOf(hostile[0]?.tarball ?? '').date).hover()
  assert.ok((await page.locator('#details').textContent())?.includes(`member ${MARKUP}`))
  assert.equal(await page.locator('img').count(), 0)
  assert.equal(await page.title(), 'ztf-lake')
})

for (const [what, last, converted] of [
  ['3 nights', '20180603', 2],
  ['3,000 nights', '20260817', 2000],
] as const)
  test(`${what} are counted, and fit a desktop and a phone, light and dark`, SKIP, async t => {
    const survey = makeSurvey('20180601', last, converted)
    const path = await reportOf(t, survey)
    const page = await openPage(t, path)
    const { listing, manifests } = survey
    const of = (state: string) => showCount(manifests.filter(manifest => manifest.state === state).length)
    const counts = await countsShown(page)
    assert.deepEqual([counts['in the lake'], counts.salvaged], [of('whole'), of('salvaged')])
    assert.equal(counts.empty, showCount(listing.filter(({ kind }) => kind === 'empty').length))
    const alerts = showCount(sum(manifests, manifest => manifest.alerts))
    assert.ok((await page.locator('#totals').innerText()).includes(alerts))
    const dates = new Set(listing.map(({ night }) => night))
    const gaps = Number(counts['no file']?.replace(',', ''))
    assert.equal(await page.locator('#calendar [data-date]').count(), dates.size + gaps)
    assert.equal(await page.locator('#charts > figure').count(), 6)
    assert.ok((await linesShown(page)).length <= 100)

    const light = await page.screenshot()
    await page.emulateMedia({ colorScheme: 'dark' })
    assert.notDeepEqual(await page.screenshot(), light)
    const phone = await openPage(t, path, { viewport: { width: 360, height: 740 } })
    for (const shown of [page, phone]) assert.ok(await fits(shown))
  })

test('before anything is listed the page says what to do', SKIP, async t => {
  const page = await openPage(t, await reportOf(t, { listing: [], manifests: [] }))
  assert.match(await page.locator('#calendar').innerText(), /make uris/)
  assert.match(await page.locator('#charts').innerText(), /make lake/)
})

/** The page of a survey, as make writes it; `change` may do more to the folder before. */
async function reportOf(t: TestContext, survey: Survey, change = async (_: Paths) => {}): Promise<string> {
  const folder = await temporaryFolder(t)
  const [paths, uris] = [new Paths(join(folder, 'data')), join(folder, 'uris')]
  await writeSurvey(survey, paths, uris)
  await change(paths)
  const { status, err } = await runScript('report', { DATA: paths.data, URIS: uris })
  assert.deepEqual([status, err], [0, ''])
  return paths.report
}

async function manifestsOf(paths: Paths, nights: readonly { name: string }[]): Promise<Manifest[]> {
  return Promise.all(nights.map(async ({ name }) => (await readManifest(paths, nightOf(name))) as Manifest))
}

/** Whether the whole page is within its window's width. */
async function fits(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth')
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
