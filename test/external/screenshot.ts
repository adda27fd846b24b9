// Draws docs/images/report.png, a report of a synthetic survey like the real one: npm run screenshot.
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { holdsAlerts, type ListedFile, nightOf } from '../../lib/archive/listing.ts'
import { recordFailure } from '../../lib/nights/failures.ts'
import { readRuns } from '../../lib/nights/runs.ts'
import { readStatus } from '../../lib/nights/status.ts'
import { Paths } from '../../lib/paths.ts'
import { makePage } from '../../lib/report/html.ts'
import { overviewOf } from '../../lib/report/overview.ts'
import { readSettings } from '../../lib/settings.ts'
import { startChromium } from '../support/browser.ts'
import { makeSurvey, writeSurvey } from '../support/survey.ts'

const PICTURE = 'docs/images/report.png'
const GENERATED_AT = Date.UTC(2026, 6, 2, 12)
const [CONVERTED, WAITING] = [1900, 40]
const VIEWPORT = { width: 1240, height: 900 }

const folder = await mkdtemp(join(tmpdir(), 'ztf-lake-'))
const [paths, uris] = [new Paths(join(folder, 'data')), join(folder, 'uris')]
const survey = makeSurvey('20180601', '20260702', CONVERTED)
await writeSurvey(survey, paths, uris)
await mkdir(paths.tarballs)
const waiting = survey.listing.filter(holdsAlerts).slice(CONVERTED, CONVERTED + WAITING)
for (const row of waiting) await putOnDisk(row)
for (const row of waiting.slice(5, 7)) await recordFailure(paths, nightOf(row), 'the disk is full')

const settings = readSettings({ DATA: paths.data, URIS: uris })
const nights = await readStatus(settings, paths)
const context = { made: GENERATED_AT, runs: await readRuns(paths), data: 'data' }
const report = join(folder, 'report.html')
await writeFile(report, await makePage(overviewOf(nights, settings.NIGHTS, context)))
const browser = await startChromium()
const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light' })
await page.goto(`file://${report}`)
const end = await page.locator('#charts > figure').nth(4).boundingBox()
await page.screenshot({
  path: PICTURE,
  fullPage: true,
  clip: { x: 0, y: 0, width: VIEWPORT.width, height: end?.y ?? 0 },
})
await browser.close()
await rm(folder, { recursive: true })

/** Writes a sparse file of the listed size. */
async function putOnDisk(row: ListedFile): Promise<void> {
  await writeFile(paths.tarball(nightOf(row)), '')
  await truncate(paths.tarball(nightOf(row)), row.bytes)
}
