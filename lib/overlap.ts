/** The environment in which `make all` runs a download beside its conversion tells that one's process id. */
const CONVERSION = 'ZTF_LAKE_CONVERSION'

/** How often to look whether the other side has got on, in ms. */
export const LOOK = 1000

/** What a download is to know that runs beside the conversion of this process. */
export function besideThis(): NodeJS.ProcessEnv {
  return { [CONVERSION]: String(process.pid) }
}

/** Whether a conversion runs beside this process. */
export function isBesideConversion(): boolean {
  return process.env[CONVERSION] !== undefined
}

/** Ends this process, with a sentence, when the conversion beside it has ended: nobody would take what it fetches. */
export function endWithConversion(): void {
  const pid = Number(process.env[CONVERSION])
  if (pid > 0) setInterval(() => endUnlessRuns(pid), LOOK).unref()
}

function endUnlessRuns(pid: number): void {
  try {
    process.kill(pid, 0)
  } catch {
    throw new Error('make all has ended, and with it this download: the next run goes on from there')
  }
}
