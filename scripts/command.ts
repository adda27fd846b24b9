import { errorLine } from '../lib/core/console.ts'
import type { MakeFlags } from '../lib/core/make-flags.ts'
import { exitWithParent } from '../lib/core/process.ts'
import { Paths } from '../lib/paths.ts'
import { readSettings, type Settings } from '../lib/settings.ts'

/** Starts a command of make: an error becomes one sentence and exit status 1, and the command ends with its make. */
export function startCommand(): { settings: Settings; paths: Paths } {
  handleErrors()
  exitWithParent()
  const settings = readSettings()
  return { settings, paths: new Paths(settings.DATA) }
}

/** Prints any uncaught error as one sentence, and exits with status 1. */
export function handleErrors(): void {
  process.on('uncaughtException', error => {
    console.error(errorLine(error))
    process.exit(1)
  })
}

/** Under `make -n` prints what would be done, under `make -q` exits with 1 if that is anything; otherwise returns. */
export function showPreview({ preview }: MakeFlags, actions: readonly string[]): void {
  if (preview.length === 0) return
  if (preview.includes('-q')) process.exit(actions.length > 0 ? 1 : 0)
  for (const action of actions) console.log(action)
  process.exit()
}
