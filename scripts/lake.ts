// Converts the nights whose stems are given, over all cores, a line for each that is done.
import { forgetFailure, recordFailure } from '../lib/failures.ts'
import { runFarm } from '../lib/farm.ts'
import { JobQueue } from '../lib/jobs.ts'
import { lakeBytes, type Manifest } from '../lib/manifest.ts'
import { type Night, nightOfStem } from '../lib/night.ts'
import { Paths } from '../lib/paths.ts'
import { readRecord } from '../lib/record.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural, showBytes, showCount, showSeconds } from '../lib/units.ts'

const settings = readSettings()
const { DATA, WORKERS, CODEC, ALERTS_PER_FILE } = settings
const paths = new Paths(DATA)
const nights = process.argv.slice(2).flatMap(stem => nightOfStem(stem) ?? [])
const lakeFiles = { codec: CODEC, alertsPerFile: ALERTS_PER_FILE }
const queue = new JobQueue(paths, lakeFiles, await readRecord(settings.URIS), WORKERS)
await queue.add(nights)
queue.close()

const began = performance.now()
const done: Manifest[] = []
const failed: string[] = []
await runFarm(queue, WORKERS, async outcome => {
  const night = nightOfStem(outcome.stem) as Night
  if ('error' in outcome) {
    failed.push(outcome.stem)
    await recordFailure(paths, night, `it was not converted: ${outcome.error}`)
    say(`FAILED    ${outcome.stem}  ${outcome.error}`)
  } else {
    done.push(outcome.manifest)
    await forgetFailure(paths, night)
    say(nightLine(outcome.stem, outcome.manifest))
  }
})

if (done.length > 0) say(closingLine((performance.now() - began) / 1000))
if (failed.length > 0)
  throw new Error(`${plural(failed.length, 'night')} failed (${failed.join(', ')}): make lake tries again`)

function closingLine(seconds: number): string {
  const alerts = sum(({ alerts }) => alerts)
  const [tarballs, tar] = [sum(({ tarballBytes }) => tarballBytes), sum(({ tarBytes }) => tarBytes)]
  const lake = sum(lakeBytes)
  const ratio = lake > 0 ? `, ${(tar / lake).toFixed(2)} times smaller than the tar` : ''
  return (
    `${plural(done.length, 'night')} into the lake, ${plural(alerts, 'alert')}: ${showBytes(tarballs)} of tar.gz ` +
    `(${showBytes(tar)} of tar) became ${showBytes(lake)}${ratio}, in ${showSeconds(seconds)}, ` +
    `${showCount(alerts / seconds)} alerts/s`
  )
}

function sum(of: (manifest: Manifest) => number): number {
  return done.reduce((total, manifest) => total + of(manifest), 0)
}

function nightLine(stem: string, manifest: Manifest): string {
  const { alerts, tarballBytes, files, seconds } = manifest
  const size = `${showBytes(tarballBytes)} -> ${showBytes(lakeBytes(manifest))}`
  const line = `converted ${stem}  ${plural(alerts, 'alert')}  ${size}  ${plural(files.length, 'file')}  ${showSeconds(seconds)}`
  return [line, ...remarks(manifest)].join('  ')
}

function remarks({ state, salvage, damagedPackets, duplicates, newColumns }: Manifest): string[] {
  const remarks = []
  if (state === 'empty') remarks.push('an empty night')
  if (salvage) remarks.push(`SALVAGED: ${salvage}`)
  for (const { member, reason } of damagedPackets) remarks.push(`DAMAGED: ${member}: ${reason}`)
  if (duplicates > 0) remarks.push(`${plural(duplicates, 'duplicate')} left out`)
  for (const column of newColumns) remarks.push(`NEW COLUMN: ${column}`)
  return remarks
}
