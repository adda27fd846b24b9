import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellOf, NO_CHROMIUM, openPage, rowsShown } from '../support/browser.ts'
import { reportOf } from '../support/report-page.ts'
import { makeSurvey } from '../support/survey.ts'

const SKIP = { skip: NO_CHROMIUM }

test('keys move the focus in the calendar, and Enter finds the night in the table', SKIP, async t => {
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
    (await rowsShown(page)).map(({ Night }) => Night),
    ['2019-12-29'],
  )
})

test('a tap shows the details of a night and does not change the table', SKIP, async t => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
  const page = await openPage(t, await reportOf(t, makeSurvey('20191001', '20200120', 30)), phone)
  await cellOf(page, '20191104').tap()
  assert.match(await page.locator('#details').innerText(), /^Mon 04 Nov 2019$/m)
  assert.equal(await page.locator('#search').inputValue(), '')
})
