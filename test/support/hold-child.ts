// Holds a lock in a process of its own, `node --import tsx hold-child.ts LOCK FOLDER GO [HERE]`: says that it is ready,
// begins when the file GO is there, says what came of it, and holds on until its standard input ends.
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { acquireLock } from '../../lib/core/lock.ts'
import '../../lib/core/console.ts'

const [path = '', folder = '', go = '', here] = process.argv.slice(2)
console.log('ready')
while (!existsSync(go)) await sleep(1)
await acquireLock(path, { folder, what: 'a test' }, here ? JSON.parse(here) : undefined)
console.log('held')
for await (const _ of process.stdin);
