import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { FolderTarget } from '../../lib/publish/folder.ts'
import { GcsTarget } from '../../lib/publish/gcs.ts'
import { HdfsTarget } from '../../lib/publish/hdfs.ts'
import { openTarget } from '../../lib/publish/open-target.ts'
import { S3Target } from '../../lib/publish/s3.ts'

const ADDRESSES: [address: string, kind: unknown, opened: string][] = [
  ['s3://bucket', S3Target, 's3://bucket'],
  ['s3://bucket/a b/100%25 #1//', S3Target, 's3://bucket/a b/100%25 #1'],
  ['gs://my_bucket.example/lake/', GcsTarget, 'gs://my_bucket.example/lake'],
  ['hdfs://namenode:8020/ztf/', HdfsTarget, 'hdfs://namenode:8020/ztf'],
  ['hdfs://namenode', HdfsTarget, 'hdfs://namenode'],
  ['hdfs:///ztf', HdfsTarget, 'hdfs:///ztf'],
  ['/mnt/disk/ztf//', FolderTarget, '/mnt/disk/ztf'],
  ['/mnt/a:b@c', FolderTarget, '/mnt/a:b@c'],
  ['file:///mnt/a%20disk/', FolderTarget, '/mnt/a disk'],
  ['a folder', FolderTarget, resolve('a folder')],
]

test('opens the target of an address, without slashes at its end', async () => {
  for (const [address, kind, opened] of ADDRESSES) {
    const target = await openTarget(address, 'http://localhost:9')
    assert.equal(target.constructor, kind, address)
    assert.equal(target.address, opened)
  }
})

test('refuses a malformed address', async () => {
  const cases: [address: string, message: RegExp][] = [
    ['', /^TO is '': expected hdfs:\/\/host:port\/path, s3:.* or a folder$/],
    ['s3//bucket/x', /: is a colon missing\?$/],
    ['~/lake', /expected the whole path of a folder instead of ~$/],
    ['/', /expected a folder for the lake, such as/],
    ['file:///', /expected a folder for the lake, such as/],
    ['ftp://host/path', /^TO is 'ftp:\/\/host\/path': expected hdfs:/],
    ['s3:/bucket', /expected hdfs:/],
    ['s3a://bucket/x', /expected hdfs:/],
    ['s3://ab/lake', /expected a bucket's name, as in s3:\/\/bucket\/prefix$/],
    ['gs:///lake', /expected a bucket's name, as in gs:/],
    ['s3://bucket/a//b', /expected a path without \/\/, \. or \.\.$/],
    ['hdfs://namenode/a/../b', /expected a path without/],
    ['hdfs:///ztf', /expected hdfs:/],
    ['hdfs://name node/ztf', /expected hdfs:/],
    ['file://host/path', /expected file:\/\/\/path$/],
    ['/mnt/a\\b', /without a backslash/],
  ]
  for (const [address, message] of cases) await assert.rejects(openTarget(address, ''), { message })
})

test('does not show an address that may contain a password', async () => {
  const secrets = [
    's3://key:c2Vjcm/V0@bucket/x',
    's3://key:secret@bucket',
    's3://key@bucket',
    'hdfs://user:secret@host/x',
    'ftp://user:secret@host',
  ]
  const message = 'AT contains a user name or a password: expected an address without them'
  for (const address of secrets) await assert.rejects(openTarget(address, '', 'AT'), { message })
  await assert.rejects(openTarget('s3://bucket', 'http://user:secret@host'), {
    message: message.replace('AT', 'ENDPOINT'),
  })
})

test('refuses an endpoint that is not of http', async () => {
  const message = "ENDPOINT is 'localhost:9000': expected an http or https address"
  await assert.rejects(openTarget('s3://bucket', 'localhost:9000'), { message })
})
