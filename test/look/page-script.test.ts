import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { ObjectData } from '../../lib/look/find.ts'
import { lookPage } from '../../lib/look/page.ts'
import { NO_CHROMIUM, startChromium } from '../support/browser.ts'
import { curveRow, objectData } from '../support/object-data.ts'

const NEAR = { magnr: 18, distnr: 0.2, magpsf_corr: 17.6, sigmapsf_corr_ext: 0.05, field: 523, rcid: 41 }
/** Ten detections, one per day, of which the last has a low score. */
const ROWS = Array.from({ length: 10 }, (_, i) =>
  curveRow({
    ...NEAR,
    jd: 2458300 + i,
    candid: BigInt(1000 + i),
    drb: i === 9 ? 0.2 : 0.95,
    isdiffpos: i % 2 ? 't' : 'f',
  }),
)
const DATA = objectData({ rows: ROWS })
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

test('the page is as wide as the phone, with the whole light curve', { skip: NO_CHROMIUM }, async t => {
  const page = await open(t, DATA, PHONE)
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
  const boxes = await Promise.all((await page.locator('#curve svg').all()).map(svg => svg.boundingBox()))
  assert.equal(boxes.length, 3)
  // Not scaled down, so that its text is legible.
  assert.equal(await page.locator('#curve svg').nth(1).getAttribute('width'), String(Math.round(boxes[1]?.width ?? 0)))
  for (const box of boxes) assert.ok(box && box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box))
})

test('a point shows its values by touch', { skip: NO_CHROMIUM }, async t => {
  const page = await open(t, DATA, PHONE)
  await tapPoint(page, 3)
  assert.match(await values(page), /apparent\n17\.600 ± 0\.050 mag.*field, rcid\n523, 41.*candid\n1003/s)
  assert.equal(await page.locator('.ring').count(), 2)
})

test('a point shows its values by mouse and keyboard', { skip: NO_CHROMIUM }, async t => {
  const page = await open(t)
  const { x, y } = await placeOf(page, 5)
  await page.mouse.move(x + 3, y)
  assert.match(await values(page), /candid\n1005/)
  await page.locator('#curve').focus()
  for (const [key, candid] of [
    ['ArrowRight', 1006],
    ['ArrowLeft', 1005],
    ['Home', 1000],
    ['ArrowLeft', 1000],
    ['End', 1009],
  ] as const) {
    await page.keyboard.press(key)
    assert.match(await values(page), new RegExp(`candid\n${candid}`), key)
  }
})

test('the arrow keys start at the ends', { skip: NO_CHROMIUM }, async t => {
  for (const [key, candid] of Object.entries({ ArrowRight: 1000, ArrowLeft: 1009, Home: 1000, End: 1009 })) {
    const page = await open(t)
    await page.locator('#curve').focus()
    await page.keyboard.press(key)
    assert.match(await values(page), new RegExp(`candid\n${candid}`), key)
  }
})

test('buttons, keys, wheel and drag zoom and move the time axis, and a reset shows all', {
  skip: NO_CHROMIUM,
}, async t => {
  const page = await open(t)
  const all = await shownPoints(page)
  assert.equal(all, 10)
  await page.getByRole('button', { name: 'Zoom in' }).click()
  const zoomed = await settle(page)
  assert.ok(zoomed < all && zoomed > 0, `${zoomed}`)
  await page.getByRole('button', { name: 'Later' }).click()
  await settle(page)
  await page.locator('#curve').focus()
  await page.keyboard.press('Home')
  assert.doesNotMatch(await values(page), /candid\n1000/)
  await page.keyboard.press('0')
  assert.equal(await settle(page), 10)
  await page.mouse.move(500, 400)
  await page.keyboard.down('Control')
  await page.mouse.wheel(0, -300)
  await page.keyboard.up('Control')
  const wheeled = await settle(page)
  assert.ok(wheeled < 10, `${wheeled}`)
  const first = await firstTick(page)
  await page.mouse.move(600, 400)
  await page.mouse.down()
  await page.mouse.move(300, 400, { steps: 5 })
  await page.mouse.up()
  await settle(page)
  assert.ok((await firstTick(page)) > first)
})

test('a limit on the score leaves out detections below it', { skip: NO_CHROMIUM }, async t => {
  const page = await open(t)
  await page.getByLabel('drb').selectOption('0.5')
  assert.equal(await settle(page), 9)
  assert.match(
    await page.locator('#controls').innerText(),
    /1 detection hidden; the legend, facts, table and CSV have all\./,
  )
  await page.getByLabel('drb').selectOption('0')
  assert.doesNotMatch(await page.locator('#controls').innerText(), /hidden/)
  const without = await open(t, objectData({ rows: ROWS.map(row => ({ ...row, drb: null })) }))
  assert.equal(await without.getByLabel('drb').count(), 0)
})

test('the page is readable without its script', { skip: NO_CHROMIUM }, async t => {
  const page = await open(t, DATA, { javaScriptEnabled: false })
  assert.ok(await page.locator('#curve svg').first().isVisible())
  assert.equal(await page.locator('#controls').innerText(), '')
  await page.locator('summary').click()
  assert.equal(await page.locator('details tbody tr').count(), 10)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('as CSV').click()])
  assert.equal(download.suggestedFilename(), `${DATA.objectId}.csv`)
  assert.match(await readFile(await download.path(), 'utf8'), /^objectId,jd,mjd,.*\n.*,1000,/)
})

/** Opens the page. After the test, asserts that it made no requests and logged nothing. */
async function open(t: TestContext, data: ObjectData = DATA, options: BrowserContextOptions = {}): Promise<Page> {
  const folder = await mkdtemp(join(tmpdir(), 'ztf-lake-'))
  const path = join(folder, 'page.html')
  await writeFile(path, await lookPage(data))
  const browser = await startChromium()
  const page = await browser.newPage({ viewport: { width: 1240, height: 900 }, ...options })
  const events: string[] = []
  page.on('request', request => !/^(file|data):/.test(request.url()) && events.push(request.url()))
  page.on('console', message => events.push(message.text()))
  page.on('pageerror', error => events.push(String(error)))
  t.after(async () => {
    await browser.close()
    await rm(folder, { recursive: true })
    assert.deepEqual(events, [])
  })
  await page.goto(pathToFileURL(path).href)
  if (options.javaScriptEnabled !== false) await page.locator('#controls button').first().waitFor()
  return page
}

function values(page: Page): Promise<string> {
  return page.locator('#point').innerText()
}

/** Number of detections drawn in the upper panel. */
function shownPoints(page: Page): Promise<number> {
  return page.locator('#curve svg').nth(1).locator('g[aria-label="dot"] :is(circle, path)').count()
}

/** Waits for the next drawing; returns the number of detections in it. */
async function settle(page: Page): Promise<number> {
  await page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
  return shownPoints(page)
}

/** MJD of the first tick. */
async function firstTick(page: Page): Promise<number> {
  const label = page.locator('#curve svg').nth(2).locator('[aria-label="x-axis tick label"] text').first()
  return Number(await label.textContent())
}

/** Position of a detection of the upper panel in the window, in px. */
async function placeOf(page: Page, index: number): Promise<{ x: number; y: number }> {
  const box = await page
    .locator('#curve svg')
    .nth(1)
    .locator('g[aria-label="dot"] :is(circle, path)')
    .nth(index)
    .boundingBox()
  assert.ok(box)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

async function tapPoint(page: Page, index: number): Promise<void> {
  const { x, y } = await placeOf(page, index)
  await page.touchscreen.tap(x, y)
}
