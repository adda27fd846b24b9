import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { run } from '../../lib/core/shell.ts'
import { PROJECT } from '../../lib/paths.ts'
import type { Ran } from './run.ts'

/** Cached base systems, which take minutes to install. */
const CACHE = join(PROJECT, 'data/bare')
/** What README.md asks for. ca-certificates is for npm. */
const PACKAGES = ['git', 'make', 'nodejs', 'npm', 'ca-certificates']
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** Where a clone can be made from. */
const BUNDLE = '/srv/ztf-lake.bundle'

/** Namespaces of their own, so that all mounts and processes of a system end with its first process. */
const ISOLATED = ['--mount', '--pid', '--fork', '--kill-child']
// The shell stays as process 1, because it collects orphans that have ended: tests wait for that.
const ENTER = `
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
chroot "$@" || exit
`

/** Reason to skip tests in a bare system, or false. */
export const NO_BARE_SYSTEM = obstacle()

export type User = 'root' | 'ann'

export interface EnterOptions {
  readonly user?: User
  readonly network?: boolean
}

/** A Debian in a folder, with a bundle of the project. It has this host's name servers, certificates and settings of npm. */
export class BareSystem {
  private readonly root: string
  private readonly env: readonly string[]

  private constructor(root: string, env: readonly string[]) {
    this.root = root
    this.env = env
  }

  static async open(t: TestContext, suite: string): Promise<BareSystem> {
    const archive = join(CACHE, `${suite}.tar`)
    await mkdir(CACHE, { recursive: true })
    if (!existsSync(archive)) await install(suite, archive)
    const root = await mkdtemp(join(CACHE, `${suite}-`))
    t.after(() => rm(root, { recursive: true }))
    await succeed('tar', ['-xf', archive, '-C', root])
    await chmod(root, 0o755) // mkdtemp makes a folder that only its owner may enter.
    await succeed('git', ['-C', PROJECT, 'bundle', 'create', join(root, BUNDLE), 'HEAD'])
    return new BareSystem(root, await adopt(root))
  }

  /** Runs a line of shell in the user's home, without anything of this process's environment. */
  async run(line: string, { user = 'root', network = true }: EnterOptions = {}): Promise<Ran> {
    const home = user === 'root' ? '/root' : `/home/${user}`
    const env = ['env', '-i', `HOME=${home}`, `PATH=${PATH}`, 'LANG=C.UTF-8', ...this.env]
    return this.enter([`--userspec=${user}`, this.root, ...env, 'sh', '-c', `cd && ${line}`], network)
  }

  /** Runs `run`, and fails unless it succeeds. */
  async succeed(line: string, options: EnterOptions = {}): Promise<Ran> {
    const ran = await this.run(line, options)
    if (ran.status !== 0) throw new Error(`${line} failed (${ran.status}): ${ran.out}${ran.err}`)
    return ran
  }

  private async enter(args: readonly string[], network: boolean): Promise<Ran> {
    const namespaces = [...ISOLATED, ...(network ? [] : ['--net'])]
    const { exitCode, stdout, stderr } = await run('unshare', [...namespaces, 'sh', '-ec', ENTER, this.root, ...args])
    return { status: exitCode, out: stdout, err: stderr }
  }
}

/** Installs a Debian with `PACKAGES` and an ordinary user, and packs it. */
async function install(suite: string, archive: string): Promise<void> {
  const root = await mkdtemp(join(CACHE, `${suite}-`))
  try {
    const mirror = await hostMirror()
    const debootstrap = ['debootstrap', '--variant=minbase', '--include=ca-certificates', suite, root]
    await succeed('unshare', [...ISOLATED, ...debootstrap, ...(mirror ? [mirror] : [])])
    const env = await adopt(root)
    await writeFile(join(root, 'etc/apt/apt.conf.d/90host'), await hostAptConfiguration())
    const line = `apt-get -qq update && apt-get -qq -y --no-install-recommends install ${PACKAGES.join(' ')} && apt-get clean && useradd -m ann`
    const inside = ['env', '-i', `PATH=${PATH}`, 'DEBIAN_FRONTEND=noninteractive', ...env, 'sh', '-c', line]
    await succeed('unshare', [...ISOLATED, 'sh', '-ec', ENTER, root, root, ...inside])
    await succeed('tar', ['-cf', `${archive}.part`, '-C', root, '.'])
    await rename(`${archive}.part`, archive)
  } finally {
    await rm(root, { recursive: true })
  }
}

/** Gives a system this host's name servers and certificates. Returns environment variables with proxies and npm's settings. */
async function adopt(root: string): Promise<string[]> {
  for (const path of ['/etc/resolv.conf', '/etc/hosts', CERTIFICATES])
    if (existsSync(path)) await copyFile(path, join(root, path))
  const env = Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name))
  const settings = ['registry', 'cafile', 'proxy', 'https-proxy', 'noproxy']
  for (const name of settings) {
    const value = (await succeed('npm', ['config', 'get', name])).trim()
    if (!value || ['null', 'undefined'].includes(value)) continue
    env.push([`npm_config_${name.replace('-', '_')}`, value])
    if (name !== 'cafile') continue
    await mkdir(join(root, dirname(value)), { recursive: true })
    await copyFile(value, join(root, value))
  }
  return env.map(([name, value]) => `${name}=${value}`)
}

/** The mirror that this host's apt uses; undefined if it does not know yet. */
async function hostMirror(): Promise<string | undefined> {
  const targets = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Origin: Debian', 'Label: Debian'])
  return targets.stdout.split('\n')[0] || undefined
}

async function hostAptConfiguration(): Promise<string> {
  const { stdout } = await run('apt-config', ['dump'])
  return stdout.replace(/^(?!Acquire::https?::).*\n/gm, '')
}

async function succeed(program: string, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(program, args)
  if (exitCode !== 0)
    throw new Error(`${program} ${args.join(' ')} failed (${exitCode}): ${(stdout + stderr).slice(-2000)}`)
  return stdout
}

function obstacle(): string | false {
  if (process.getuid?.() !== 0) return 'only root can install a Debian'
  if (!existsSync(join(PROJECT, '.git'))) return 'the project is no git repository'
  try {
    execFileSync('sh', ['-c', 'command -v debootstrap unshare'], { stdio: 'ignore' })
  } catch {
    return 'debootstrap or unshare not found (Debian: debootstrap util-linux)'
  }
  try {
    execFileSync('unshare', [...ISOLATED, 'sh', '-ec', 'mount -t proc proc /proc; chroot / true'], { stdio: 'ignore' })
    return false
  } catch {
    return 'this host allows no mounts or no chroot'
  }
}
