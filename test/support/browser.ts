import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** Reason to skip tests of pages, or false. */
export const NO_CHROMIUM = existsSync(CHROMIUM) ? false : `no Chromium at ${CHROMIUM}`

/** Window of a desktop, in CSS pixels. */
const DESKTOP = { width: 1240, height: 900 }

/** Without Chromium's sandbox, which does not work for root: CI may run as root. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false })
}

/** Opens an HTML file. After the test, asserts that the page made no requests and logged nothing. */
export async function openPage(t: TestContext, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await startChromium()
  const page = await browser.newPage({ viewport: DESKTOP, ...options })
  const address = pathToFileURL(path).href
  const events: string[] = []
  page.on('request', request => request.url() !== address && events.push(request.url()))
  page.on('console', message => events.push(message.text()))
  page.on('pageerror', error => events.push(String(error)))
  t.after(async () => {
    await browser.close()
    assert.deepEqual(events, [])
  })
  await page.goto(address)
  // The script draws the charts last.
  await page.locator('#charts > *').first().waitFor()
  return page
}

/** Numbers of nights in the legend, by the label of their state. */
export async function countsShown(page: Page): Promise<Record<string, string>> {
  const texts = await page.locator('#states button').allInnerTexts()
  return Object.fromEntries(texts.map(text => text.trim().split(/\s+(?=\S+$)/)))
}

/** Texts of the table's rows, by heading. */
export async function rowsShown(page: Page): Promise<Record<string, string>[]> {
  const names = await page.locator('#table thead th').allTextContents()
  const cells: string[][] = await page
    .locator('#table tbody tr')
    .evaluateAll(rows => rows.map(row => [...row.children].map(cell => cell.textContent)))
  return cells.map(texts => Object.fromEntries(names.map((name, i) => [name, (texts[i] ?? '').trim()])))
}

/** Calendar cell of a date. */
export function cellOf(page: Page, date: string) {
  return page.locator(`#calendar [data-date="${date}"]`)
}
