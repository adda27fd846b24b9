import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countsShown, NO_CHROMIUM, openPage, rowsShown } from '../support/browser.ts'
import { reportOf } from '../support/report-page.ts'
import { makeSurvey } from '../support/survey.ts'

const SKIP = { skip: NO_CHROMIUM }

test('the table sorts and filters nights', SKIP, async t => {
  const survey = makeSurvey('20191001', '20191130', 30)
  const page = await openPage(t, await reportOf(t, survey))
  const alertsShown = async () =>
    (await rowsShown(page))
      .map(row => row.Alerts?.replaceAll(',', ''))
      .filter(Boolean)
      .map(Number)
  const heading = page.locator('#table thead th', { hasText: /^Alerts$/ })
  const expected = survey.manifests.map(manifest => manifest.alerts).sort((a, b) => b - a)

  await t.test('by a heading, in both orders, with missing values last', async () => {
    await heading.locator('button').click()
    assert.equal(await heading.getAttribute('aria-sort'), 'descending')
    assert.deepEqual(await alertsShown(), expected)
    assert.notEqual((await rowsShown(page))[0]?.Alerts, '')
    await heading.locator('button').press('Enter')
    assert.equal(await heading.getAttribute('aria-sort'), 'ascending')
    assert.deepEqual(await alertsShown(), expected.toReversed())
    assert.equal((await rowsShown(page)).at(-1)?.Alerts, '')
    assert.equal(await page.locator('[aria-sort]').count(), 1)
  })

  await t.test('by text', async () => {
    await page.locator('#search').fill('2019-11-0')
    const nights = (await rowsShown(page)).map(row => row.Night ?? '')
    assert.ok(nights.length > 0 && nights.every(night => night.startsWith('2019-11-0')), nights.join())
    await page.locator('#search').fill('no such text')
    assert.equal(await page.locator('#found').innerText(), 'none found')
    await page.locator('#search').fill('')
  })

  await t.test('by state, and the calendar dims other states', async () => {
    const counts = await countsShown(page)
    const button = page.locator('#states button', { hasText: 'listed' })
    await button.press('Enter')
    assert.equal(await button.getAttribute('aria-pressed'), 'true')
    const rows = await rowsShown(page)
    assert.deepEqual(
      [rows.length, new Set(rows.map(({ State }) => State))],
      [Number(counts.listed), new Set(['listed'])],
    )
    assert.match(
      await page.locator('#meaning').innerText(),
      /^listed: in the archive, but neither on disk nor in the lake$/,
    )
    assert.ok((await page.locator('#calendar .dimmed').count()) > 0)
    const dots = page.locator('#calendar [data-symbol-of]')
    assert.ok((await dots.count()) > 0)
    assert.equal(await page.locator('#calendar [data-symbol-of]:not(.dimmed)').count(), 0)
    await button.press('Enter')
    assert.equal(await page.locator('#calendar .dimmed').count(), 0)
  })
})

test(
  'the table opens with the nights that need attention, and has dates without a file only if asked',
  SKIP,
  async t => {
    const { listing, manifests } = makeSurvey('20191001', '20191130', 30)
    const survey = {
      listing: listing.filter(({ night }) => night !== '20191110'),
      manifests: manifests.map((manifest, i) => (i === 4 ? { ...manifest, state: 'salvaged' as const } : manifest)),
    }
    const page = await openPage(t, await reportOf(t, survey))
    assert.equal(await page.locator('#pager').isVisible(), false)
    const states = (await rowsShown(page)).map(({ State }) => State)
    const order = ['salvaged', 'in the lake', 'listed', 'empty']
    assert.deepEqual([...new Set(states)], order)
    const inLake = (await rowsShown(page)).filter(({ State }) => State === 'in the lake').map(({ Night = '' }) => Night)
    assert.deepEqual(
      inLake.map(night => night.slice(0, 10)),
      inLake.map(night => night.slice(0, 10)).sort((a, b) => (a > b ? -1 : 1)),
    )
    await page.locator('#search').fill('2019-11-10')
    assert.deepEqual(
      (await rowsShown(page)).map(({ Night, State }) => [Night, State]),
      [['2019-11-10', 'no file']],
    )
  },
)
