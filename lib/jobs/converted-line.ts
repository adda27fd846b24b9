import { plural, showBytes, showCount, showSeconds } from '../core/units.ts'
import { lakeBytes, type Manifest } from '../lake/manifest.ts'

/** Maximum number of damaged packets listed in a night's line. */
const MAX_PACKETS_SHOWN = 10

/** Line to print for a converted night: its alerts, sizes and time, and anything unusual. */
export function convertedLine(stem: string, manifest: Manifest): string {
  const { alerts, tarballBytes, files, seconds } = manifest
  const size = `${showBytes(tarballBytes)} -> ${showBytes(lakeBytes(manifest))}`
  const amount = `${plural(alerts, 'alert')}  ${size}  ${plural(files.length, 'file')}  ${showSeconds(seconds)}`
  return [`converted ${stem}`, amount, ...remarks(manifest)].join('  ')
}

function remarks({ state, salvage, replaces, damagedPackets, duplicates, newColumns }: Manifest): string[] {
  const remarks = []
  if (state === 'empty') remarks.push('an empty night')
  if (replaces) remarks.push(`REPUBLISHED: replaces ${plural(replaces.alerts, 'alert')} of ${replaces.md5}`)
  if (salvage) remarks.push(`SALVAGED: ${salvage}`)
  for (const { member, reason } of damagedPackets.slice(0, MAX_PACKETS_SHOWN))
    remarks.push(`DAMAGED: ${member}: ${reason}`)
  if (damagedPackets.length > MAX_PACKETS_SHOWN)
    remarks.push(`DAMAGED: ${showCount(damagedPackets.length - MAX_PACKETS_SHOWN)} more, see its manifest`)
  if (duplicates > 0) remarks.push(`${plural(duplicates, 'duplicate')} left out`)
  for (const column of newColumns) remarks.push(`NEW COLUMN: ${column}`)
  return remarks
}
