import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** Why a test of the page cannot run; false where it can. */
export const NO_CHROMIUM = existsSync(CHROMIUM) ? false : `no Chromium at ${CHROMIUM}`

/** A desktop's window, in CSS pixels. */
const DESKTOP = { width: 1240, height: 900 }

/** Nothing else imports playwright-core. Chromium's sandbox is not for root, as whom CI may run. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false })
}

/** Opens a file as a reader would. At the test's end the page must have asked for nothing else, nor complained. */
export async function openPage(t: TestContext, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await startChromium()
  const page = await browser.newPage({ viewport: DESKTOP, ...options })
  const address = pathToFileURL(path).href
  const heard: string[] = []
  page.on('request', request => request.url() !== address && heard.push(request.url()))
  page.on('console', message => heard.push(message.text()))
  page.on('pageerror', error => heard.push(String(error)))
  t.after(async () => {
    await browser.close()
    assert.deepEqual(heard, [])
  })
  await page.goto(address)
  // What the script draws last.
  await page.locator('#charts > *').first().waitFor()
  return page
}

/** Counts of nights by the label of their state, as the legend has them. */
export async function countsShown(page: Page): Promise<Record<string, string>> {
  const texts = await page.locator('#states button').allInnerTexts()
  return Object.fromEntries(texts.map(text => text.trim().split(/\s+(?=\S+$)/)))
}

/** The cells of the table's lines, by its headings. */
export async function linesShown(page: Page): Promise<Record<string, string>[]> {
  const names = await page.locator('#table thead th').allTextContents()
  const cells: string[][] = await page
    .locator('#table tbody tr')
    .evaluateAll(lines => lines.map(line => [...line.children].map(cell => cell.textContent)))
  return cells.map(texts => Object.fromEntries(names.map((name, i) => [name, (texts[i] ?? '').trim()])))
}

/** A date's cell in the calendar. */
export function cellOf(page: Page, date: string) {
  return page.locator(`#calendar [data-date="${date}"]`)
}
