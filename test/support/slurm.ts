import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from './free-ports.ts'
import { run } from './run.ts'

const NODES = ['n1', 'n2', 'n3', 'n4']

/** Reason to skip tests of Slurm, or false. */
export const NO_SLURM =
  process.getuid?.() !== 0
    ? 'only root can start Slurm'
    : missing(['munged', 'slurmctld', 'slurmd', 'srun', 'sbatch', 'scancel'])
/** Reason to skip tests of mpirun, or false. */
export const NO_MPI = missing(['mpirun'])

/** Starts a task on each node. If a task or its node fails, the others continue. */
export const SRUN = 'LAUNCHER=srun -N4 -n4 --no-kill --kill-on-bad-exit=0'

/** Slurm with four nodes of one core, all on this host, started without systemd. */
export class Slurm {
  /** Environment for Slurm's commands. */
  readonly env: Record<string, string>
  private readonly daemons: { readonly name: string; readonly child: ChildProcess; readonly log: string }[] = []
  private readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
    this.env = { SLURM_CONF: join(folder, 'slurm.conf') }
  }

  static async start(t: TestContext): Promise<Slurm> {
    const folder = await mkdtemp(join(tmpdir(), 'ztf-lake-slurm-'))
    const slurm = new Slurm(folder)
    t.after(() => slurm.end())
    await slurm.startMunge()
    for (const name of ['state', ...NODES]) await mkdir(join(folder, name))
    await writeFile(slurm.env.SLURM_CONF as string, await configuration(folder))
    slurm.startDaemon('slurmctld', '-D')
    for (const node of NODES) slurm.startDaemon('slurmd', '-D', '-N', node)
    await slurm.waitUntilReady()
    return slurm
  }

  /** Output of a Slurm command. */
  async output(command: string, ...args: string[]): Promise<string> {
    return (await run(command, args, { env: this.env })).out
  }

  /** Running jobs and array elements, with their nodes. */
  async jobs(): Promise<{ id: string; node: string }[]> {
    const lines = (await this.output('squeue', '-h', '-t', 'running', '-o', '%i %N')).trim().split('\n')
    return lines.map(line => line.split(' ')).map(([id = '', node = '']) => ({ id, node }))
  }

  /** A running element of an array. */
  async element(number: number): Promise<{ id: string; node: string }> {
    const found = (await this.jobs()).find(({ id }) => id.endsWith(`_${number}`))
    if (!found) throw new Error(`element ${number} is not running: ${await this.output('squeue')}`)
    return found
  }

  /** Waits until no job runs or is queued. */
  async waitUntilIdle(): Promise<void> {
    await until('Slurm is idle', () => this.isIdle())
  }

  /** Brings all nodes up again. */
  async resume(): Promise<void> {
    for (const node of NODES) await this.output('scontrol', 'update', `nodename=${node}`, 'state=resume')
    await this.waitUntilReady()
  }

  private async waitUntilReady(): Promise<void> {
    const idleNodes = () => this.output('sinfo', '-h', '-t', 'idle', '-o', '%D')
    await until('all nodes of Slurm are idle', async () => {
      this.assertRunning()
      return (await idleNodes()).trim() === String(NODES.length)
    })
  }

  private async isIdle(): Promise<boolean> {
    return (await this.output('squeue', '-h')) === ''
  }

  private async startMunge(): Promise<void> {
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
    // munged refuses the permissions of the temporary folder without --force.
    this.startDaemon('munged', '--foreground', '--force', `--socket=${join(folder, 'munge.socket')}`, ...options)
  }

  private startDaemon(program: string, ...args: string[]): void {
    const name = [program, ...args].join(' ')
    const log = join(this.folder, `${this.daemons.length}.out`)
    const output = openSync(log, 'w')
    const stdio = ['ignore', output, output] as const
    const child = spawn(program, args, { stdio: [...stdio], env: { ...process.env, ...this.env } })
    closeSync(output)
    this.daemons.push({ name, child, log })
  }

  /** @throws Error with the log of a daemon that has ended */
  private assertRunning(): void {
    const ended = this.daemons.find(({ child }) => hasEnded(child))
    if (ended) throw new Error(`${ended.name} ended: ${readFileSync(ended.log, 'utf8').trim()}`)
  }

  private async end(): Promise<void> {
    await until('the jobs of Slurm have ended', async () => {
      await this.output('scancel', '--full', '--signal=KILL', '--user=root')
      await this.output('scancel', '--user=root')
      return this.isIdle()
    })
    for (const { child } of this.daemons.toReversed()) await stop(child)
    await rm(this.folder, { recursive: true })
  }
}

/**
 * Polls until a condition holds.
 * @throws Error if it does not hold within two minutes
 */
async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited two minutes until ${what}`)
    await sleep(200)
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function stop(daemon: ChildProcess): Promise<void> {
  if (hasEnded(daemon)) return
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

function missing(programs: readonly string[]): string | false {
  const lacking = programs.filter(program => {
    try {
      execFileSync('bash', ['--norc', '-c', `command -v ${program}`], { stdio: 'ignore' })
      return false
    } catch {
      return true
    }
  })
  return lacking.length > 0 && `${lacking.join(', ')} not found (Debian: slurm-wlm munge openmpi-bin)`
}
