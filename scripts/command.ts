import { accessSync, constants, existsSync, lstatSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { printError, setPrinter } from '../lib/core/console.ts'
import { adviseOnOut } from '../lib/core/errors.ts'
import { type MakeFlags, makeFlags } from '../lib/core/make-flags.ts'
import { exitWithParent } from '../lib/core/process.ts'
import type { LakeIndex } from '../lib/index/lake-index.ts'
import { type IndexPlan, showMonth } from '../lib/index/plan.ts'
import { readEmptyClause } from '../lib/nights/empty-nights.ts'
import type { ConversionPlan } from '../lib/nights/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { everyNight, type Selection } from '../lib/selection.ts'
import { readSettings, type Settings } from '../lib/settings.ts'

/** Sets up the script of a make target: exits when make does, and reads the settings. */
export function startCommand(): { settings: Settings; paths: Paths } {
  exitWithParent()
  const settings = readSettings()
  return { settings, paths: new Paths(settings.DATA) }
}

/** On Ctrl-C, prints that the next run of the command resumes, before the process ends. */
export function adviseOnInterrupt(command: string): void {
  process.once('SIGINT', () => {
    // Print below the live view and the terminal's ^C.
    setPrinter(write => write())
    if (process.stderr.isTTY) console.error()
    printError(`interrupted: run ${command} again; it resumes`)
    process.kill(process.pid, 'SIGINT')
  })
}

/** Prints a note on standard error if the index lacks selected nights, and so the answer does too. */
export function noteNotIndexed(index: LakeIndex, selection: Selection): void {
  const note = index.note(selection)
  if (note) printError(note)
}

/** Prints a note on standard error if alerts of selected nights cannot be read, because they were moved away. */
export function noteMoved(index: LakeIndex, selection: Selection): void {
  const note = index.movedNote(selection)
  if (note) printError(note)
}

/**
 * Throws unless OUT can be written: its folder must exist and be writable, and it must not name a folder, link or device,
 * nor the file `list` that the command reads.
 */
export function assertOut(out: string, list = ''): void {
  if (!out) return
  if (!existsSync(dirname(out)))
    throw new Error(`OUT is '${out}': the folder ${dirname(out)} does not exist: create it first`)
  try {
    accessSync(dirname(out), constants.W_OK)
  } catch (error) {
    adviseOnOut(out)(Object.assign(error as Error, { path: out }))
  }
  const stat = lstatSync(out, { throwIfNoEntry: false })
  if (stat && !stat.isFile()) throw new Error(`OUT is '${out}', which is not a regular file: give another name`)
  if (stat && existsSync(list) && realpathSync(list) === realpathSync(out))
    throw new Error(`OUT is '${out}', which is also LIST: give another name`)
}

/** Throws if NIGHTS selects only nights that the archive lists without alerts. */
export async function refuseEmptyNights(settings: Settings): Promise<void> {
  const empty = settings.NIGHTS === everyNight ? undefined : await readEmptyClause(settings)
  if (empty) throw new Error(`nothing to read: ${empty}; give other NIGHTS`)
}

/** Throws if OUT is on the command line of a command that names its files itself. */
export function refuseOut({ OUT }: Settings, command: string, file: string): void {
  if (OUT && makeFlags().variables.includes('OUT'))
    throw new Error(`OUT is '${OUT}', but ${command} writes ${file}: leave OUT out`)
}

/** Actions in a conversion plan, for `showPreview`. */
export function conversionActions({ pending, removable }: ConversionPlan): string[] {
  return [...pending.map(({ stem }) => `convert ${stem}`), ...removable.map(({ name }) => `remove ${name}`)]
}

/** Actions in an index plan, for `showPreview`. */
export function indexActions({ stale, gone, listsAreStale }: IndexPlan): string[] {
  return [
    ...stale.map(({ name }) => `index ${showMonth(name)}`),
    ...gone.map(name => `remove the index of ${showMonth(name)}`),
    ...(listsAreStale ? ['list the files of the lake'] : []),
  ]
}

/** For `make -n`, prints the actions and exits. For `make -q`, exits with status 1 if there are any, otherwise 0. */
export function showPreview({ preview }: MakeFlags, actions: readonly string[]): void {
  if (preview.length === 0) return
  if (preview.includes('-q')) process.exit(actions.length > 0 ? 1 : 0)
  for (const action of actions) console.log(action)
  process.exit()
}
