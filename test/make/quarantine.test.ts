import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { nightOf } from '../support/data-folder.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import { Workspace } from '../support/workspace.ts'

const [SHORT, OTHER] = [makeNight({ night: '20180713', alerts: 12 }), makeNight({ night: '20191003', alerts: 7 })]
const WRONG = '0'.repeat(32)

test('quarantines a tarball with a wrong MD5, and gives it up after three attempts', async t => {
  const space = await Workspace.open(t, [SHORT, OTHER], { MD5SUMS: `${sumsOf(OTHER)}${WRONG}  ${SHORT.name}\n` })
  const { stem } = nightOf(SHORT.name)
  const [record, bad] = [
    space.paths.quarantineRecord(nightOf(SHORT.name)),
    space.paths.quarantinedTarball(nightOf(SHORT.name)),
  ]
  const reason = `its MD5 is ${hash(SHORT.bytes)}, but the archive lists ${WRONG}`
  await space.make('uris')
  for (const times of [1, 2, 3]) {
    const { status, out } = await space.make('download')
    assert.equal(status, 2)
    const line = `it was not fetched: ${reason}: moved to ${bad}, the next run downloads it again`
    assert.ok(out.includes(`FAILED    ${stem}  ${line}\n`), out)
    assert.deepEqual((await readdir(space.paths.tarballs)).sort(), ['.md5', OTHER.name])
    assert.deepEqual(await readFile(bad), SHORT.bytes)
    const { listed, ...rest } = JSON.parse(await readFile(record, 'utf8'))
    assert.deepEqual([rest, listed.md5], [{ reason, md5: hash(SHORT.bytes), times }, WRONG])
    const lines = (await space.make('status')).out
    assert.match(lines, times < 3 ? /^quarantined +1 *$/m : /^given up +1 *$/m)
    const remark =
      times < 3
        ? `quarantined ${SHORT.name}: ${reason} (attempt ${times} of 3)`
        : `given up  ${SHORT.name}: ${reason} (3 attempts): to try again, delete ${record}`
    assert.ok(lines.includes(`${remark}\n`), lines)
  }

  await t.test('does not download it again, and names it', async () => {
    space.asked()
    const { status, out, err } = await space.make('download')
    assert.deepEqual([status, space.asked()], [2, []])
    assert.ok(out.includes(`${stem}: given up after 3 of 3 attempts: ${reason}: to try again, delete ${record}\n`), out)
    assert.match(err, /^error: 1 night given up: see above$/m)
  })

  await t.test('tries again once another MD5 is listed, and empties bad/ after a success', async () => {
    space.publish('MD5SUMS', sumsOf(OTHER, SHORT))
    await space.make('uris')
    const { status } = await space.make('download')
    assert.equal(status, 0)
    assert.deepEqual(await space.tarball(SHORT.name), SHORT.bytes)
    assert.deepEqual(await readdir(space.paths.bad), [])
  })
})

test('tries a given-up night again once its record is changed, and does not wait for it', async t => {
  const space = await Workspace.open(t, [SHORT, OTHER], { MD5SUMS: `${sumsOf(OTHER)}${WRONG}  ${SHORT.name}\n` })
  await space.make('uris')
  for (const _ of [1, 2, 3]) await space.make('download NIGHTS=2018')
  const { status, out } = await space.make('all KEEP_TARS=no AHEAD=1K')
  assert.equal(status, 2)
  assert.match(out, new RegExp(`^converted ${nightOf(OTHER.name).stem} `, 'm'))
  assert.doesNotMatch(out, /^waiting/m)
  const record = space.paths.quarantineRecord(nightOf(SHORT.name))
  await writeFile(record, (await readFile(record, 'utf8')).replace('"times": 3', '"times": 2'))
  space.asked()
  await space.make('download')
  assert.deepEqual(space.asked(), [SHORT.name])
})

test('quarantines a wrong tarball at conversion, only the link if it is one, and downloads the night again', async t => {
  const space = await Workspace.open(t, [SHORT, OTHER])
  await space.make('uris')
  await mkdir(space.paths.tarballs, { recursive: true })
  const own = join(space.folder, 'own.tar.gz')
  await writeFile(own, OTHER.bytes)
  await symlink(own, join(space.paths.tarballs, SHORT.name))
  const { status, out } = await space.make('lake')
  assert.equal(status, 2)
  const { stem } = nightOf(SHORT.name)
  assert.match(out, new RegExp(`^FAILED +${stem} +it was not converted: its MD5 is [^\n]+ run make download$`, 'm'))
  assert.equal(await readlink(join(space.paths.orphans, 'tarballs', SHORT.name)), own)
  assert.equal((await space.make('-j2 download lake')).status, 0)
  assert.deepEqual(await space.tarball(SHORT.name), SHORT.bytes)
  assert.deepEqual([await readdir(space.paths.bad), await readFile(own)], [['orphans'], OTHER.bytes])
})

function sumsOf(...nights: SyntheticNight[]): string {
  return nights.map(({ name, bytes }) => `${hash(bytes)}  ${name}\n`).join('')
}

function hash(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}
