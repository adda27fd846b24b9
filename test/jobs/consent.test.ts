import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayDownload } from '../../lib/jobs/consent.ts'
import { Paths } from '../../lib/paths.ts'
import { dataFolder } from '../support/data-folder.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { listedNight, settingsOf } from '../support/night-files.ts'

const TIB = 2 ** 40
const LARGE = planOf(TIB, 1)
const QUESTION =
  /^Without NIGHTS=, [^\n]*: 2 nights, about 1\.00 TiB, 1 h 1 min at 300 MB\/s \(LINK=\); 4\.00 TiB free\. Continue\?$/

test('asks once for a large download of all nights', { skip: NO_DISK }, async t => {
  const paths = await largeDisk(t)
  for (const answer of [true, false]) {
    const questions: string[] = []
    const ask = async (question: string) => {
      questions.push(question)
      return answer
    }
    assert.equal(await mayDownload(settingsOf(paths), paths, LARGE, false, ask), answer)
    assert.equal(questions.length, 1)
    assert.match(questions[0] ?? '', QUESTION)
  }
})

test('names the size of the lake if the run also converts', { skip: NO_DISK }, async t => {
  const paths = await largeDisk(t)
  const ask = async (question: string) => {
    assert.match(question, / \(LINK=\), then about \d[^;]* [GT]iB of lake; 4\.00 TiB free\. Continue\?$/)
    return true
  }
  assert.equal(await mayDownload(settingsOf(paths), paths, LARGE, true, ask), true)
})

test('needs ALL=yes for a large download of all nights if nobody can answer', { skip: NO_DISK }, async t => {
  const paths = await largeDisk(t)
  const mayStart = (settings: Record<string, string>, plan = LARGE) =>
    mayDownload(settingsOf(paths, settings), paths, plan, false, async () => undefined)
  await assert.rejects(
    mayStart({}),
    /^Error: without NIGHTS=, [^\n]*: select nights, e\.g\. NIGHTS=2020, or give ALL=yes$/,
  )
  assert.equal(await mayStart({ ALL: 'yes' }), true)
  assert.equal(await mayStart({ NIGHTS: '2020' }), true)
  assert.equal(await mayStart({}, planOf(TIB)), true, 'not more than 1 TiB')
})

test('asks nothing if the disk is too small, which the download reports', async t => {
  const paths = await dataFolder(t)
  const ask = () => assert.fail('a question')
  assert.equal(await mayDownload(settingsOf(paths), paths, planOf(1000 * TIB, 1), false, ask), true)
})

function planOf(...bytes: number[]) {
  const rows = bytes.map((bytes, i) => listedNight(`2020010${i + 1}`, { bytes }))
  return { notInLake: rows, missing: rows, givenUp: [] }
}

async function largeDisk(t: Parameters<typeof Disk.mount>[0]): Promise<Paths> {
  return new Paths((await Disk.mount(t, '4t')).folder)
}
