// Compares the rate of make publish with that of a plain copy of the same files, by rclone to S3 and by `hdfs dfs -put`:
// `node --import tsx test/servers/rates.ts DATA [ROUNDS]`, where DATA has a lake. Prints the medians, and wall time relative
// to the plain copy.
import { join, resolve } from 'node:path'
import { print, printLines, table } from '../../lib/core/console.ts'
import { filesBelow } from '../support/folder.ts'
import { HdfsServer } from '../support/hdfs-server.ts'
import { run } from '../support/run.ts'
import { S3_KEY } from '../support/s3-bucket.ts'
import type { Server } from '../support/server.ts'
import { VersityServer } from '../support/versity-server.ts'

const JOBS = 4
const TREES = ['lake', 'candidates', 'index']

const data = resolve(process.argv[2] ?? 'data')
const rounds = Number(process.argv[3] ?? 3)

/** A way to copy the lake to a server, which has nothing yet. */
interface Copy {
  readonly name: string
  readonly start: () => Promise<Server>
  readonly copy: (server: never) => Promise<unknown>
}

const COPIES: readonly [plain: Copy, published: Copy][] = [
  [
    { name: 'rclone copy, S3', start: () => VersityServer.start(), copy: rclone },
    { name: 'make publish, S3', start: () => VersityServer.start(), copy: publish },
  ],
  [
    { name: 'hdfs dfs -put', start: () => HdfsServer.start(), copy: put },
    { name: 'make publish, HDFS', start: () => HdfsServer.start(), copy: publish },
  ],
]

const sizes = await Promise.all(TREES.map(tree => filesBelow(join(data, tree))))
print(`${sizes.flat().length} files, ${JOBS} at a time, medians of ${rounds} rounds`)
const rows: string[][] = []
for (const pair of COPIES) {
  const times = pair.map(() => [] as number[])
  for (let round = 0; round < rounds; round++)
    for (const [i, { start, copy }] of pair.entries()) {
      const server = await start()
      const began = performance.now()
      await copy(server as never)
      times[i]?.push((performance.now() - began) / 1000)
      await server.close()
    }
  const [plain = 0, published = 0] = times.map(median)
  rows.push([pair[0].name, plain.toFixed(2), ''], [pair[1].name, published.toFixed(2), (plain / published).toFixed(2)])
}
printLines(table([['', 'wall s', 'rate, relative to the plain copy'], ...rows]))

async function publish({ address, endpoint, env }: Server): Promise<void> {
  await expectSuccess('make', ['publish', `DATA=${data}`, `TO=${address}`, `ENDPOINT=${endpoint}`, `-j${JOBS}`], env)
}

async function rclone({ endpoint }: Server): Promise<void> {
  const env = {
    AWS_CA_BUNDLE: '', // This version of rclone cannot load one.
    RCLONE_CONFIG_S3_TYPE: 's3',
    RCLONE_CONFIG_S3_PROVIDER: 'Other',
    RCLONE_CONFIG_S3_ENDPOINT: endpoint,
    RCLONE_CONFIG_S3_ACCESS_KEY_ID: S3_KEY.accessKeyId,
    RCLONE_CONFIG_S3_SECRET_ACCESS_KEY: S3_KEY.secretAccessKey,
  }
  const filters = TREES.map(tree => `--include=/${tree}/**`)
  await expectSuccess('rclone', ['copy', `--transfers=${JOBS}`, ...filters, data, 's3:lake/ztf'], env)
}

async function put(server: HdfsServer): Promise<void> {
  await server.dfs('-put', '-t', String(JOBS), ...TREES.map(tree => join(data, tree)), '/ztf')
}

async function expectSuccess(program: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  const { status, out, err } = await run(program, args, { env })
  if (status !== 0) throw new Error(`${program} failed (${status}): ${out}${err}`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
