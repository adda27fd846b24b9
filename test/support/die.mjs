// Loaded into every process of a test: the one that begins to convert the night of the stem DIE_AT is killed, or to
// check that of DIE_AT_CHECK: each time, or once where DIE_ONCE names a file to be made. PANIC: it fails as wasm does.
import fs, { writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const { DIE_AT, DIE_ONCE, PANIC } = process.env
const { mkdir, readFile } = promises

promises.mkdir = (path, options) => {
  if (String(path).includes(`/_building/${DIE_AT}.`)) die()
  return mkdir(path, options)
}
// Whoever checks a night has read its manifest first.
promises.readFile = (path, options) => {
  if (process.env.DIE_AT_CHECK && String(path).endsWith(`/${process.env.DIE_AT_CHECK}.json`) && process.send) die()
  return readFile(path, options)
}
syncBuiltinESMExports()

function die() {
  if (DIE_ONCE && fs.existsSync(DIE_ONCE)) return
  if (DIE_ONCE) writeFileSync(DIE_ONCE, '')
  if (PANIC) throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' })
  process.kill(process.pid, 'SIGKILL')
}
