import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './run.ts'

const NODES = ['n1', 'n2', 'n3', 'n4']

/** Why tests of Slurm cannot run; false where they can. */
export const NO_SLURM =
  process.getuid?.() !== 0
    ? 'Slurm is started here by root only'
    : missing(['munged', 'slurmctld', 'slurmd', 'srun', 'sbatch', 'scancel'])
export const NO_MPI = missing(['mpirun'])

/** A task on each node; where one dies, or its node, the others go on. */
export const SRUN = 'LAUNCHER=srun -N4 -n4 --no-kill --kill-on-bad-exit=0'

/** Slurm with four nodes of one core, all on this host: started here, without systemd, and ended by process id. */
export class Slurm {
  /** What its commands find it by. */
  readonly env: Record<string, string>
  private readonly daemons: ChildProcess[] = []

  private readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
    this.env = { SLURM_CONF: join(folder, 'slurm.conf') }
  }

  static async start(t: TestContext): Promise<Slurm> {
    const folder = await mkdtemp(join(tmpdir(), 'ztf-lake-slurm-'))
    const slurm = new Slurm(folder)
    t.after(() => slurm.end())
    await slurm.munge()
    for (const name of ['state', ...NODES]) await mkdir(join(folder, name))
    await writeFile(slurm.env.SLURM_CONF as string, await configuration(folder))
    slurm.daemon('slurmctld', '-D')
    for (const node of NODES) slurm.daemon('slurmd', '-D', '-N', node)
    await slurm.ready()
    return slurm
  }

  /** What one of its commands prints. */
  async says(command: string, ...args: string[]): Promise<string> {
    return (await run(command, args, { env: this.env })).out
  }

  /** The jobs and elements that run, and the node of each. */
  async jobs(): Promise<{ id: string; node: string }[]> {
    const lines = (await this.says('squeue', '-h', '-t', 'running', '-o', '%i %N')).trim().split('\n')
    return lines.map(line => line.split(' ')).map(([id = '', node = '']) => ({ id, node }))
  }

  /** An element of the array that runs. */
  async element(number: number): Promise<{ id: string; node: string }> {
    const found = (await this.jobs()).find(({ id }) => id.endsWith(`_${number}`))
    if (!found) throw new Error(`element ${number} does not run: ${await this.says('squeue')}`)
    return found
  }

  /** Waits until nothing runs, and nothing waits to. */
  async idle(): Promise<void> {
    while ((await this.says('squeue', '-h')) !== '') await sleep(200)
  }

  /** Makes all nodes fit for work again that a test has set down. */
  async resume(): Promise<void> {
    for (const node of NODES) await this.says('scontrol', 'update', `nodename=${node}`, 'state=resume')
    await this.ready()
  }

  private async ready(): Promise<void> {
    while ((await this.says('sinfo', '-h', '-t', 'idle', '-o', '%D')).trim() !== String(NODES.length)) await sleep(200)
  }

  private async munge(): Promise<void> {
    const { folder } = this
    const key = join(folder, 'munge.key')
    await writeFile(key, randomBytes(1024), { mode: 0o600 })
    const files = {
      key,
      pid: join(folder, 'munge.pid'),
      log: join(folder, 'munge.log'),
      seed: join(folder, 'munge.seed'),
    }
    const options = Object.entries(files).map(([name, path]) => `--${name}-file=${path}`)
    // By force, since the folder is nobody else's, which munged takes for a mistake.
    this.daemon('munged', '--foreground', '--force', `--socket=${join(folder, 'munge.socket')}`, ...options)
  }

  private daemon(program: string, ...args: string[]): void {
    this.daemons.push(spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...this.env } }))
  }

  private async end(): Promise<void> {
    while ((await this.says('squeue', '-h')) !== '') {
      await this.says('scancel', '--full', '--signal=KILL', '--user=root')
      await this.says('scancel', '--user=root')
      await sleep(200)
    }
    for (const daemon of this.daemons.toReversed()) await stop(daemon)
    await rm(this.folder, { recursive: true })
  }
}

async function stop(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const ended = once(daemon, 'exit')
  daemon.kill()
  await ended
}

async function configuration(folder: string): Promise<string> {
  const [controller, ...nodes] = await freePorts(1 + NODES.length)
  return `
ClusterName=ztf
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SwitchType=switch/none
MpiDefault=none
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
SlurmdTimeout=300
${NODES.map((node, i) => `NodeName=${node} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${nodes[i]} CPUs=1`).join('\n')}
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`
}

/** Ports that nobody has at the moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return ports
}

function missing(programs: readonly string[]): string | false {
  const lacking = programs.filter(program => {
    try {
      execFileSync('bash', ['--norc', '-c', `command -v ${program}`], { stdio: 'ignore' })
      return false
    } catch {
      return true
    }
  })
  return lacking.length > 0 && `no ${lacking.join(', ')} here (Debian: slurm-wlm munge openmpi-bin)`
}
