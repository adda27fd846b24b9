// Loaded into every process of a test: one that begins to convert a night waits while the file WAIT is there.
import { existsSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'

const { mkdtemp } = fs

fs.mkdtemp = async (prefix, options) => {
  const folder = await mkdtemp(prefix, options)
  while (prefix.includes('/_building/') && existsSync(process.env.WAIT)) await sleep(20)
  return folder
}
syncBuiltinESMExports()
