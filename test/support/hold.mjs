// Makes a program wait while the file WAIT exists and the test is running whose process id the file contains.
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const { WAIT } = process.env

export async function whileHeld() {
  while (WAIT && existsSync(WAIT) && testRuns()) await sleep(20)
}

function testRuns() {
  try {
    // An empty file gives pid 0, this process's own group, which exists.
    return process.kill(Number(readFileSync(WAIT, 'utf8')), 0)
  } catch {
    return false
  }
}
