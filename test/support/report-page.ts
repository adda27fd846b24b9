import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Paths } from '../../lib/paths.ts'
import { temporaryFolder } from './folder.ts'
import { runScript } from './run.ts'
import { type Survey, writeSurvey } from './survey.ts'

/** Runs the report script on a survey; returns the page's path. `change` may modify the data folder before. */
export async function reportOf(t: TestContext, survey: Survey, change = async (_: Paths) => {}): Promise<string> {
  const folder = await temporaryFolder(t)
  const [paths, uris] = [new Paths(join(folder, 'data')), join(folder, 'uris')]
  await writeSurvey(survey, paths, uris)
  await change(paths)
  const { status, err } = await runScript('report', { DATA: paths.data, URIS: uris })
  assert.deepEqual([status, err], [0, ''])
  return join(paths.data, 'report.html')
}
