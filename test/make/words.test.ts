import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { snapshot } from '../support/folder.ts'
import { copyProject } from '../support/project-copy.ts'
import { run } from '../support/run.ts'

for (const [args, word, meant] of [
  ['all 20200107', '20200107', 'make all NIGHTS=20200107'],
  ['download 2023 -j5', '2023', 'make download NIGHTS=2023'],
  ['lake 2020 status', '2020', 'make lake NIGHTS=2020 status'],
  ['all 202001 202003..202004', '202001', 'make all NIGHTS=202001,202003..202004'],
  ['all 2020-01-07', '2020-01-07', 'make all NIGHTS=20200107'],
  ['20200107', '20200107', 'make all NIGHTS=20200107'],
  ['download nights', 'nights', 'make download NIGHTS=...'],
  ['look ZTF18aaiscil', 'ZTF18aaiscil', 'make look OBJECT=ZTF18aaiscil'],
  ['look 516401800615015114', '516401800615015114', 'make look CANDID=516401800615015114'],
  ['publish s3://bucket/ztf', 's3://bucket/ztf', 'make publish TO=s3://bucket/ztf'],
  ['publish /mnt/lake', '/mnt/lake', 'make publish TO=/mnt/lake'],
  ['check hdfs://host:8020/ztf', 'hdfs://host:8020/ztf', 'make check AT=hdfs://host:8020/ztf'],
  ['all /big/disk', '/big/disk', 'make all DATA=/big/disk'],
  ['download NIGHTS 2020', 'NIGHTS', 'make download NIGHTS=2020'],
  ['download NIGHTS=2020 2021', '2021', 'make download NIGHTS=2020,2021'],
  ['downloads NIGHTS=2020', 'downloads', 'make download NIGHTS=2020'],
  ['all 2020 DATA=/big/disk', '2020', 'make all NIGHTS=2020 DATA=/big/disk'],
  ["downloads DATA=/big/$(x)'y", 'downloads', 'make download DATA=...'],
  ['look object ZTF18aaiscil', 'object', 'make look OBJECT=ZTF18aaiscil'],
  ['all WORKERS 4', 'WORKERS', 'make all WORKERS=4'],
  ['sql select 1', 'select', 'make sql Q="..."'],
  ['cone 217.5 5.21 5', '217.5', 'make cone RA=217.5 DEC=5.21 RADIUS=5'],
  ['clean', 'clean', undefined],
  ['downlaod', 'downlaod', 'make download'],
  ['uris REPORT', 'REPORT', 'make uris report'],
  ['lib', 'lib', undefined],
  ['status $(touch made) `touch made`', '$(touch', undefined],
] as const)
  test(`make ${args} stops before anything starts: ${meant ?? 'no target is near'}`, async t => {
    const project = await copyProject(t, { packages: false })
    // Neither is needed to refuse a word.
    const bin = join(project, 'bin')
    await mkdir(bin)
    for (const name of ['node', 'npm']) {
      await writeFile(join(bin, name), '#!/bin/sh\ntouch started\n')
      await chmod(join(bin, name), 0o755)
    }
    const before = await snapshot(project)
    const env = { PATH: `${bin}:${process.env.PATH}` }
    for (const flag of ['', '-k', '-n', '-q', '-j4']) {
      const { status, out, err } = await run('make', [...(flag ? [flag] : []), ...args.split(' ')], {
        cwd: project,
        env,
      })
      assert.notEqual(status, 0, flag)
      assert.equal(out.replace(/^sh .*\n/, ''), '', flag)
      const [sentence, ...rest] = err.split('\n').filter(line => !/^make: (\*\*\*|Target .* not remade)/.test(line))
      const advice = meant ? `did you mean ${meant}?` : 'make help lists the targets'
      assert.deepEqual([sentence, rest], [`error: ${word} is not a target: ${advice}`, ['']], flag)
    }
    assert.deepEqual(await snapshot(project), before)
  })

test('accepts every target of make help, and the files that targets need', async t => {
  const project = await copyProject(t, { packages: false })
  const { out } = await run('make', ['help'], { cwd: project })
  const targets = [...out.matchAll(/^ {2}make (\S+)/gm)].flatMap(match => match[1] ?? [])
  assert.ok(targets.length > 20, out)
  // Any of these would start something, so let the words be refused for another reason.
  const { err } = await run('make', [...targets, 'data/venv/.ready', 'data/servers/.ready', 'xyzzy'], { cwd: project })
  assert.match(err, /^error: xyzzy is not a target: /)
})
