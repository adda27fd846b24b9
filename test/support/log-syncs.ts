import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { TestContext } from 'node:test'

/** Logs the paths that are flushed to disk, and those that are renamed or removed, until the end of the test. */
export function logSyncs(t: TestContext): string[] {
  const log: string[] = []
  const { open, rename, unlink } = fs.promises
  Object.assign(fs.promises, {
    open: async (...args: Parameters<typeof open>) => {
      const file = await open(...args)
      const { sync } = file
      file.sync = () => {
        log.push(`sync ${args[0]}`)
        return sync.call(file)
      }
      return file
    },
    rename: async (from: string, to: string) => {
      log.push(`rename ${from} ${to}`)
      await rename(from, to)
    },
    unlink: async (path: string) => {
      log.push(`unlink ${path}`)
      await unlink(path)
    },
  })
  syncBuiltinESMExports()
  t.after(() => {
    Object.assign(fs.promises, { open, rename, unlink })
    syncBuiltinESMExports()
  })
  return log
}
