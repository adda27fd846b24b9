import { appendFile } from 'node:fs/promises'
import { parseOptional, readOptional } from '../core/files.ts'
import type { Paths } from '../paths.ts'

/** A finished run of `make lake` or `make all`, with the amounts of its closing line. */
export interface Run {
  /** Time when it ended, in ms since 1970. */
  readonly ended: number
  /** Duration in seconds. */
  readonly seconds: number
  readonly nights: number
  readonly alerts: number
  readonly tarballBytes: number
}

/** Adds a run to `runs.jsonl`, for the report. */
export async function recordRun(paths: Paths, run: Run): Promise<void> {
  await appendFile(paths.runs, `${JSON.stringify(run)}\n`)
}

/** The recorded runs, oldest first. A line that is cut, e.g. by a power failure, is left out. */
export async function readRuns(paths: Paths): Promise<Run[]> {
  const lines = ((await readOptional(paths.runs)) ?? '').split('\n')
  return lines.flatMap(line => parseOptional<Run>(line) ?? [])
}
