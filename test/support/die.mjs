// Preloaded by a test: the process that starts to convert the night with the stem DIE_AT, has published the manifest of the
// one with the stem DIE_AFTER, or starts to check the one with the stem DIE_AT_CHECK kills itself. DIE_ONCE: only if this
// file does not exist yet. PANIC: throws as wasm does instead.
import fs, { writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const { DIE_AT, DIE_AT_CHECK, DIE_AFTER, DIE_ONCE, PANIC } = process.env
const { mkdir, readFile, rename } = promises

promises.mkdir = (path, options) => {
  if (String(path).includes(`/_staging/${DIE_AT}.`)) die()
  return mkdir(path, options)
}
// A check starts by reading the manifest, in a worker.
promises.readFile = (path, options) => {
  if (DIE_AT_CHECK && String(path).endsWith(`/${DIE_AT_CHECK}.json`) && process.send) die()
  return readFile(path, options)
}
promises.rename = async (from, to) => {
  await rename(from, to)
  if (DIE_AFTER && String(to).endsWith(`/_manifest/${DIE_AFTER}.json`)) die()
}
syncBuiltinESMExports()

function die() {
  if (DIE_ONCE && fs.existsSync(DIE_ONCE)) return
  if (DIE_ONCE) writeFileSync(DIE_ONCE, '')
  if (PANIC) throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' })
  process.kill(process.pid, 'SIGKILL')
}
