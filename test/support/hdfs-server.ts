import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePorts } from './free-ports.ts'
import { run } from './run.ts'
import { escapePath, INSTALLED, request, Server, ServerProcess, sortFiles, type TargetFile } from './server.ts'

/** User that the name node runs as, who may do anything. */
const SUPERUSER = 'hdfs'
/** User who publishes, and owns the target. */
const USER = 'ztf'
const TARGET = '/ztf'

interface HdfsOptions {
  /** Size of new blocks, at least 1 MiB. Default: HDFS's own, 128 MiB. Until a block is full, a quota counts its size. */
  readonly blockBytes?: number
  /** Further settings of the cluster, such as dfs.replication. */
  readonly properties?: Record<string, string>
}

interface FileStatus {
  readonly pathSuffix: string
  readonly type: 'FILE' | 'DIRECTORY'
  readonly length: number
}

/** A cluster of a name node and a data node in one process. */
export class HdfsServer extends Server {
  readonly address: string
  readonly endpoint: string
  readonly env = { HADOOP_USER_NAME: USER }
  private readonly folder: string
  private readonly nameNode: string

  private constructor(running: ServerProcess, nameNode: string, endpoint: string) {
    super(running)
    this.folder = running.folder
    this.nameNode = nameNode
    this.address = `${nameNode}${TARGET}`
    this.endpoint = endpoint
  }

  static async start({ blockBytes, properties = {} }: HdfsOptions = {}): Promise<HdfsServer> {
    const [rpc = 0, web = 0] = await freePorts(2)
    const endpoint = `http://localhost:${web}`
    const settings = { ...(blockBytes && { 'dfs.blocksize': String(blockBytes) }), ...properties }
    const running = await ServerProcess.start({
      program: 'java',
      args: [
        ...(await java()),
        'org.apache.hadoop.test.MiniDFSClusterManager',
        ...['-format', '-datanodes', '1', '-nnport', String(rpc), '-httpport', String(web)],
        ...definitions(settings),
      ],
      env: { HADOOP_USER_NAME: SUPERUSER },
      isReady: async () => (await liveDataNodes(endpoint)) > 0,
    })
    const server = new HdfsServer(running, `hdfs://localhost:${rpc}`, endpoint)
    await server.administer('', 'MKDIRS')
    await server.administer('', 'SETOWNER', `&owner=${USER}&group=${USER}`)
    return server
  }

  async list(): Promise<TargetFile[]> {
    return sortFiles(await this.listFolder(''))
  }

  async read(path: string): Promise<Buffer> {
    return Buffer.from(await (await request(this.url(path, 'OPEN', SUPERUSER))).arrayBuffer())
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    // The name node redirects to the data node, which takes the bytes.
    const first = await fetch(`${this.url(path, 'CREATE', USER)}&overwrite=true`, { method: 'PUT', redirect: 'manual' })
    const dataNode = first.headers.get('location')
    const [status, message] = dataNode ? await put(dataNode, bytes) : [first.status, await first.text()]
    if (status !== 201) throw new Error(`cannot write ${path}: status ${status}: ${message}`)
  }

  async remove(path: string): Promise<void> {
    await this.administer(path, 'DELETE', '&recursive=true', 'DELETE')
  }

  /** Limits the space of the target, as a full cluster would; undefined removes the limit. */
  async setQuota(bytes: number | undefined): Promise<void> {
    await this.administer('', 'SETQUOTA', `&storagespacequota=${bytes ?? -1}`)
  }

  /** Creates a folder that only another user may read or write. */
  async forbid(path: string): Promise<void> {
    await this.administer(path, 'MKDIRS', '&permission=700')
    await this.administer(path, 'SETOWNER', '&owner=somebody&group=somebody')
    await this.administer(path, 'SETPERMISSION', '&permission=700')
  }

  /** Runs a command of `hdfs dfs` as the user who publishes, e.g. `-put`; returns its output. */
  async dfs(...args: string[]): Promise<string> {
    await writeFile(join(this.folder, 'core-site.xml'), '<configuration/>')
    const shell = [...(await java(this.folder)), 'org.apache.hadoop.fs.FsShell', '-D', `fs.defaultFS=${this.nameNode}`]
    const { status, out, err } = await run('java', [...shell, ...args], { env: this.env })
    if (status !== 0) throw new Error(`hdfs dfs ${args.join(' ')} failed (${status}): ${err.slice(-3000)}`)
    return out
  }

  private async listFolder(folder: string): Promise<TargetFile[]> {
    const { FileStatuses } = (await (await request(this.url(folder, 'LISTSTATUS', SUPERUSER))).json()) as {
      FileStatuses: { FileStatus: FileStatus[] }
    }
    const files: TargetFile[] = []
    for (const { pathSuffix, type, length } of FileStatuses.FileStatus) {
      const path = folder ? `${folder}/${pathSuffix}` : pathSuffix
      if (type === 'DIRECTORY') files.push(...(await this.listFolder(path)))
      else files.push({ path, bytes: length })
    }
    return files
  }

  private async administer(path: string, operation: string, parameters = '', method = 'PUT'): Promise<void> {
    await request(this.url(path, operation, SUPERUSER) + parameters, { method })
  }

  private url(path: string, operation: string, user: string): string {
    const below = path && `/${escapePath(path)}`
    return `${this.endpoint}/webhdfs/v1${TARGET}${below}?op=${operation}&user.name=${user}`
  }
}

/** Not with fetch, which fails because data nodes answer `100 Continue` unasked. */
async function put(url: string, bytes: Uint8Array): Promise<[status: number | undefined, text: string]> {
  const sent = http.request(url, { method: 'PUT', headers: { 'Content-Length': bytes.length } }).end(bytes)
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage]
  return [response.statusCode, await text(response)]
}

/** Arguments of java that precede the name of a class of Hadoop. */
async function java(...folders: string[]): Promise<string[]> {
  const jars = join(INSTALLED, 'jars/hdfs')
  const names = (await readdir(jars)).filter(name => name.endsWith('.jar'))
  const classPath = [...folders, ...names.map(name => join(jars, name))].join(':')
  return ['-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', classPath]
}

/** Settings as arguments. MiniDFSClusterManager, unlike FsShell, has them last. */
function definitions(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-D', `${name}=${value}`])
}

async function liveDataNodes(endpoint: string): Promise<number> {
  const query = 'qry=Hadoop:service=NameNode,name=FSNamesystemState'
  const { beans } = (await (await request(`${endpoint}/jmx?${query}`)).json()) as {
    beans: { NumLiveDataNodes: number }[]
  }
  return beans[0]?.NumLiveDataNodes ?? 0
}
