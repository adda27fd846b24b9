// Preloaded by a test: the download of the tarball READER appends the path of each file that it reads or looks for to
// the file READS.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { READER, READS } = process.env
const { appendFileSync } = fs

if (process.argv[2] === READER) {
  logCalls(fs, ['readFileSync', 'existsSync', 'statSync', 'lstatSync', 'readdirSync'])
  logCalls(fs.promises, ['readFile', 'open', 'stat', 'lstat', 'readdir', 'access'])
  syncBuiltinESMExports()
}

function logCalls(module, names) {
  for (const name of names) {
    const original = module[name]
    module[name] = (path, ...args) => {
      appendFileSync(READS, `${path}\n`)
      return original(path, ...args)
    }
  }
}
