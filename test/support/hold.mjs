// Lets a test hold its programs at one point: they wait while the file WAIT exists. The file has the process id of the
// test, so that they do not outlive it.
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const { WAIT } = process.env

export async function whileHeld() {
  while (WAIT && existsSync(WAIT) && testRuns()) await sleep(20)
}

function testRuns() {
  try {
    // An empty file gives 0, which is this process's own group.
    return process.kill(Number(readFileSync(WAIT, 'utf8')), 0)
  } catch {
    return false
  }
}
