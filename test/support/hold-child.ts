// Acquires a lock, `node --import tsx hold-child.ts LOCK FOLDER GO OPTIONS`: prints `ready`, starts once the file GO
// exists, prints `held` or an error, and holds the lock until standard input ends.
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorLine } from '../../lib/core/console.ts'
import { acquireLock } from '../../lib/core/lock.ts'

process.on('uncaughtException', error => {
  console.error(errorLine(error))
  process.exit(1)
})

const [path = '', folder = '', go = '', options = '{}'] = process.argv.slice(2)
console.log('ready')
while (!existsSync(go)) await sleep(1)
await acquireLock(path, { folder, what: 'a test', onWait: console.log }, JSON.parse(options))
console.log('held')
for await (const _ of process.stdin);
