import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ignoredTarballs } from '../../lib/nights/ignored-tarballs.ts'
import { dataFolder } from '../support/data-folder.ts'
import { listedNight, nightAt, putTarball } from '../support/night-files.ts'

test('names everything that looks like a tarball and is not read, with the reason', async t => {
  const paths = await dataFolder(t)
  assert.equal(await ignoredTarballs(paths), undefined)
  const at = (name: string) => join(paths.tarballs, name)
  await putTarball(paths, nightAt('20191001'), 'a night')
  await mkdir(at('ztf_public_20191002.tar.gz'))
  await symlink('nowhere', at('ztf_public_20191003.tar.gz'))
  execFileSync('mkfifo', [at('ztf_public_20191004.tar.gz')])
  assert.equal(
    await ignoredTarballs(paths),
    `ignored in ${paths.tarballs}: ztf_public_20191002.tar.gz (a folder), ` +
      'ztf_public_20191003.tar.gz (a link to a missing target), ztf_public_20191004.tar.gz (not a regular file)',
  )
})

test('names files whose names only resemble those of nights, in one line without control characters', async t => {
  const paths = await dataFolder(t)
  const names = ['ZTF_PUBLIC_20191002.TAR.GZ', 'ztf_public_20191002\n.tar.gz', `ztf${'x'.repeat(200)}`, 'ztf_other.tgz']
  for (const name of names) await writeFile(join(paths.tarballs, name), '')
  const line = await ignoredTarballs(paths)
  assert.equal(
    line,
    `ignored in ${paths.tarballs}: ZTF_PUBLIC_20191002.TAR.GZ (not the name of a night), ` +
      'ztf_other.tgz (not the name of a night), ztf_public_20191002\\u{a}.tar.gz (not the name of a night) and 1 more',
  )
})

test('does not name the files of downloads, receipts, and files that are not like tarballs', async t => {
  const paths = await dataFolder(t)
  const night = nightAt('20191001')
  await putTarball(paths, night, 'a night', listedNight('20191001'))
  const link = nightAt('20191002')
  await symlink(paths.tarball(night), paths.tarball(link))
  const parts = ['part', 'part.json', 'part.aria2', 'part.json.part'].map(end => `${nightAt('20191003').name}.${end}`)
  for (const name of [...parts, 'MD5SUMS', 'notes.txt']) await writeFile(join(paths.tarballs, name), '')
  assert.equal(await ignoredTarballs(paths), undefined)
})
