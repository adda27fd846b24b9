import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { makeNight, type NightOptions, type SyntheticNight } from '../support/night.ts'
import { decode } from '../support/synthetic-packets.ts'
import { packTar } from '../support/tar.ts'

const NO_TAR = spawnSync('tar', ['--version']).status === 0 ? false : 'tar is not installed'

for (const [layout, mode] of [
  ['gnu', '-rwxr--r--'],
  ['ustar', '-r-x--Sr-T'],
] as const)
  for (const options of [
    {},
    { folder: 'ztf_public_20200601', directory: true },
    { names: 'pax', folder: 'f'.repeat(150) },
    { names: 'gnu', folder: 'f'.repeat(150) },
  ] as NonNullable<NightOptions['tar']>[])
    test(`GNU tar lists a night: ${layout}, ${options.names ?? 'plain'} names${options.folder ? ', in a folder' : ''}`, {
      skip: NO_TAR,
    }, () => {
      const night = makeNight({ night: '20200601', layout, tar: options })
      const names = night.alerts.map(({ name }) => (options.folder ? `${options.folder}/${name}` : name))
      assert.deepEqual(listed(night, '-tzf'), options.directory ? [`${options.folder}/`, ...names] : names)
      const members = listed(night, '-tvzf').filter(line => line.endsWith('.avro'))
      assert.equal(members.filter(line => line.startsWith(mode)).length, names.length)
    })

test('GNU tar extracts the packets of a night', { skip: NO_TAR }, async () => {
  const night = makeNight({ night: '20200601', alerts: 3 })
  const file = writeTemporary(night)
  for (const { name, values } of night.alerts)
    assert.deepEqual(await decode(execFileSync('tar', ['-xzOf', file, name])), values)
  rmSync(dirname(file), { recursive: true })
})

test('GNU tar stops at zeros in the middle unless told to ignore them', { skip: NO_TAR }, () => {
  const night = makeNight({ night: '20200601', tar: { zerosBefore: [4] } })
  assert.equal(listed(night, '-tzf').length, 4)
  assert.equal(listed(night, '--ignore-zeros', '-tzf').length, 10)
})

test('ends a tar as its writer does, or not at all', () => {
  const members = [{ name: 'a.avro', bytes: Buffer.alloc(600, 1) }]
  assert.equal(packTar(members, { layout: 'gnu' }).bytes.length, 10_240)
  assert.equal(packTar(members, { layout: 'ustar' }).bytes.length, 512 + 1024 + 1024)
  const magic = (layout: 'gnu' | 'ustar') => packTar(members, { layout }).bytes.toString('latin1', 257, 265)
  assert.deepEqual([magic('gnu'), magic('ustar')], ['ustar  \0', 'ustar\x0000'])
  const bare = packTar(members, { layout: 'gnu', end: false })
  assert.equal(bare.bytes.length, 512 + 1024)
  assert.deepEqual([bare.offsets, bare.ends], [[0], [512 + 600]])
})

function writeTemporary(night: SyntheticNight): string {
  const file = join(mkdtempSync(join(tmpdir(), 'synthetic-')), night.name)
  writeFileSync(file, night.bytes)
  return file
}

function listed(night: SyntheticNight, ...options: string[]): string[] {
  const file = writeTemporary(night)
  const listing = execFileSync('tar', [...options, file], { encoding: 'utf8' })
  rmSync(dirname(file), { recursive: true })
  return listing.trimEnd().split('\n')
}
