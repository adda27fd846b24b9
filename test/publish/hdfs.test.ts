import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { TransientError } from '../../lib/core/retry.ts'
import { HdfsTarget } from '../../lib/publish/hdfs.ts'
import type { HdfsChecksum } from '../../lib/publish/hdfs-checksum.ts'
import { hdfsError } from '../../lib/publish/hdfs-errors.ts'
import { TargetUnusable, WrongBytes } from '../../lib/publish/target.ts'
import { brokenStream, contentOf, textOf } from '../support/content.ts'
import { type Answer, type Asked, serve } from '../support/http-server.ts'

const FILE = 'lake/a b/100% #1?é.parquet'
const ROOT = '/webhdfs/v1/z tf'

/** A file, and the checksum that Hadoop 3.4.1 returns for it. */
const TEXT = 'alerts of ZTF'.repeat(40).slice(0, 512)
const CHECKSUM = {
  algorithm: 'MD5-of-0MD5-of-512CRC32C',
  bytes: '000002000000000000000000e8fc029b6c6362681f067515c1d9d09700000000',
}

test('writes a temporary file, compares its checksum, and renames it', async t => {
  const { target, files, operations } = await open(t, { checksum: CHECKSUM })
  await target.put(FILE, contentOf(TEXT))
  assert.deepEqual([...files], [[`${ROOT}/${FILE}`, TEXT]])
  assert.deepEqual(operations(), ['CREATE', 'PUT', 'GETFILECHECKSUM', 'MKDIRS', 'RENAME'])
})

test('reads a file back if HDFS has another checksum, or one of another kind', async t => {
  const other = { ...CHECKSUM, bytes: CHECKSUM.bytes.replace('e8fc', 'e8fd') }
  for (const checksum of [other, { ...CHECKSUM, algorithm: 'COMPOSITE-CRC32C' }]) {
    const { target, files, operations } = await open(t, { checksum })
    await target.put(FILE, contentOf(TEXT))
    assert.deepEqual([...files], [[`${ROOT}/${FILE}`, TEXT]])
    assert.deepEqual(operations(), ['CREATE', 'PUT', 'GETFILECHECKSUM', 'OPEN', 'MKDIRS', 'RENAME'])
  }
})

test('follows servers that redirect instead of naming the data node', async t => {
  const { target, files } = await open(t, { redirects: true })
  await target.put(FILE, contentOf('bytes'))
  assert.equal(files.get(`${ROOT}/${FILE}`), 'bytes')
  assert.equal(await textOf(target, FILE), 'bytes')
})

test('publishes no file if the data node has stored other bytes', async t => {
  const { target, files } = await open(t, { store: body => body.replace('b', 'd') })
  await assert.rejects(target.put(FILE, contentOf('bytes')), WrongBytes)
  assert.equal(files.has(`${ROOT}/${FILE}`), false)
})

test('passes on errors of the local file', async t => {
  const { target } = await open(t)
  await assert.rejects(
    target.put(
      FILE,
      contentOf('bytes', () => brokenStream('by')),
    ),
    { code: 'EIO' },
  )
})

test('lists folders at any depth, with at most 16 requests at a time', async t => {
  let [open, most] = [0, 0]
  const { url } = await serve(t, async ({ url: { pathname } }) => {
    most = Math.max(most, ++open)
    for (let i = 0; i < 20; i++) await setImmediate()
    open--
    const depth = pathname.split('/').length - 5
    const children = Array.from({ length: depth < 2 ? 6 : 1 }, (_, i) => ({
      pathSuffix: `é ${i}`,
      length: 5,
      type: depth < 2 ? 'DIRECTORY' : 'FILE',
    }))
    return { body: JSON.stringify({ FileStatuses: { FileStatus: children } }) }
  })
  const found = await new HdfsTarget('hdfs://host/ztf', url).list('lake')
  assert.equal(found.length, 36)
  assert.ok(found.some(({ path, bytes }) => path === 'lake/é 3/é 5/é 0' && bytes === 5))
  assert.ok(most > 4 && most <= 16, `${most} requests at a time`)
})

test('returns nothing for what does not exist', async t => {
  const { target } = await open(t)
  assert.equal(await target.get(FILE), undefined)
  assert.deepEqual(await target.list('lake'), [])
  await target.delete(FILE)
})

test('succeeds if an earlier attempt has renamed a file, and fails if there is none', async t => {
  const { target, files } = await open(t)
  files.set(`${ROOT}/lake/a`, 'a')
  await target.move('lake/a', 'lake/b')
  await target.move('lake/a', 'lake/b')
  assert.deepEqual([...files.keys()], [`${ROOT}/lake/b`])
  await assert.rejects(target.move('lake/a', 'lake/c'), /lake\/a does not exist/)
})

test('retries a connection that is closed during a write', async t => {
  const { url } = await serve(t, ({ url: { searchParams }, headers }) => {
    if (searchParams.get('op') === 'CREATE')
      return { body: JSON.stringify({ Location: `http://${headers.host}/node` }) }
    return { drop: true }
  })
  const put = new HdfsTarget('hdfs://host/ztf', url).put(FILE, contentOf(Buffer.alloc(1e6)))
  await assert.rejects(
    put,
    error => error instanceof TransientError && /^the data node .* has closed the connection$/.test(error.message),
  )
})

test('reports why a data node has refused a file', async t => {
  const { url } = await serve(t, ({ url: { searchParams }, headers }) => {
    if (searchParams.get('op') === 'CREATE')
      return { body: JSON.stringify({ Location: `http://${headers.host}/node` }) }
    if (searchParams.has('op')) return { body: 'x' }
    return {
      status: 403,
      body: JSON.stringify({ RemoteException: { exception: 'IOException', message: 'slow disk' } }),
    }
  })
  const put = new HdfsTarget('hdfs://host/ztf', url).put(FILE, contentOf('x'))
  await assert.rejects(
    put,
    error => error instanceof TransientError && /reports an error \(slow disk\)$/.test(error.message),
  )
})

test('names the address that refuses a connection, and its setting', async () => {
  const refused = new HdfsTarget('hdfs://127.0.0.1:8020/ztf', 'http://127.0.0.1:1').list('lake')
  const message = 'the WebHDFS server http://127.0.0.1:1 refuses the connection (ENDPOINT= sets its address)'
  await assert.rejects(refused, error => error instanceof TransientError && error.message === message)
})

const ERRORS: [kind: unknown, status: number, exception: string, message: string, expected: RegExp][] = [
  [
    TargetUnusable,
    403,
    'AccessControlException',
    'Permission denied: user=me',
    /denies access .*: set HADOOP_USER_NAME/,
  ],
  [TargetUnusable, 401, 'SecurityException', 'Failed to obtain user', /denies access/],
  [
    TargetUnusable,
    403,
    'DSQuotaExceededException',
    'The DiskSpace quota of /ztf is exceeded',
    /^the quota of .* is used up \(.*\): free some space/,
  ],
  [TargetUnusable, 403, 'NSQuotaExceededException', 'The NameSpace quota is exceeded', /^the quota of/],
  [
    TargetUnusable,
    403,
    'IOException',
    'File /a could only be written to 0 of the 1 minReplication nodes. There are 1 datanode(s) running',
    /is full, or has too few/,
  ],
  [
    TransientError,
    403,
    'IOException',
    'File /a could only be written to 0 of the 1 minReplication nodes. There are 0 datanode(s) running',
    /no data nodes at the moment$/,
  ],
  [TransientError, 403, 'IOException', 'All datanodes [a] are bad. Aborting...', /perhaps because they are full$/],
  [
    TransientError,
    403,
    'StandbyException',
    'Operation category READ is not supported',
    /standby name node \(ENDPOINT=/,
  ],
  [TransientError, 403, 'SafeModeException', 'Name node is in safe mode.', /is in safe mode$/],
  [TransientError, 403, 'RetriableException', 'try again', /reports an error \(try again\)$/],
  [TransientError, 429, '', '', /reports an error \(429\)$/],
  [TransientError, 500, 'NullPointerException', '', /reports an error \(NullPointerException\)$/],
  [
    Error,
    403,
    'IOException',
    'rename destination directory is not empty: /a',
    /refuses a request \(IOException, 403\): rename/,
  ],
  [Error, 400, 'IllegalArgumentException', 'Invalid value', /refuses a request/],
]

test('says whether another attempt may succeed', () => {
  for (const [kind, status, exception, message, expected] of ERRORS) {
    const error = hdfsError('hdfs://host/ztf', status, { exception, message })
    assert.equal(error.constructor, kind, message)
    assert.match(error.message, expected)
  }
})

test('says that Kerberos is not supported, and what does not speak WebHDFS', async t => {
  const answers: [Answer, RegExp][] = [
    [{ status: 401, headers: { 'WWW-Authenticate': 'Negotiate' } }, /requires Kerberos, which is not supported: /],
    [
      { status: 404, body: 'It looks like you are making an HTTP request to a Hadoop IPC port.' },
      /does not speak WebHDFS .*set ENDPOINT=/,
    ],
    [{ body: '<html>' }, /does not speak WebHDFS \(status 200\)/],
  ]
  for (const [answer, expected] of answers) {
    const { url } = await serve(t, () => answer)
    const listed = new HdfsTarget('hdfs://host/ztf', url).list('lake')
    await assert.rejects(listed, error => error instanceof TargetUnusable && expected.test(error.message))
  }
})

test('does not rename at HttpFS, which cannot replace files', async t => {
  const { url } = await serve(t, () => ({ body: '{"boolean":true}' }))
  const moved = new HdfsTarget('hdfs://host/ztf', url).move('lake/a', 'lake/b')
  await assert.rejects(moved, error => error instanceof TargetUnusable && /RENAME does not support/.test(error.message))
})

interface Behaviour {
  /** Answer to GETFILECHECKSUM. */
  checksum?: HdfsChecksum
  readonly redirects?: boolean
  readonly store?: (body: string) => string
}

/** A target on a server that is name node and data node. */
async function open(t: TestContext, { redirects = false, checksum, store = body => body }: Behaviour = {}) {
  const files = new Map<string, string>()
  const { url, asked } = await serve(t, asked => {
    const { host } = asked.headers
    const path = decodeURIComponent(asked.url.pathname)
    const node = `http://${host}/node?path=${encodeURIComponent(path)}`
    const missing = { status: 404, body: JSON.stringify({ RemoteException: { exception: 'FileNotFoundException' } }) }
    switch (operationOf(asked)) {
      case 'CREATE':
        return redirects ? { status: 307, headers: { Location: node } } : { body: JSON.stringify({ Location: node }) }
      case 'OPEN':
        if (!files.has(path)) return missing
        return redirects ? { status: 307, headers: { Location: node } } : { body: files.get(path) ?? '' }
      case 'PUT':
        files.set(asked.url.searchParams.get('path') ?? '', store(`${asked.body}`))
        return { status: 201 }
      case 'GET':
        return { body: files.get(asked.url.searchParams.get('path') ?? '') ?? '' }
      case 'GETFILECHECKSUM':
        return { body: JSON.stringify({ FileChecksum: checksum }) }
      case 'GETFILESTATUS':
        return files.has(path) ? {} : missing
      case 'RENAME': {
        const old = files.get(path)
        if (old === undefined) return missing
        files.delete(path)
        files.set(`/webhdfs/v1${asked.url.searchParams.get('destination')}`, old)
        return {}
      }
      default:
        return operationOf(asked) === 'LISTSTATUS' ? missing : { body: '{"boolean":false}' }
    }
  })
  return { target: new HdfsTarget('hdfs://host:8020/z tf', `${url}/`), files, operations: () => asked.map(operationOf) }
}

function operationOf({ method, url }: Asked): string {
  return url.searchParams.get('op') ?? method
}
