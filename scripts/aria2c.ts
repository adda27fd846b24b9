// Makes sure that aria2c is there: from the system's package manager, where that can be had without asking.
import { say } from '../lib/report.ts'
import { has, run } from '../lib/shell.ts'

const INSTALL = 'apt-get install aria2, dnf install aria2 or brew install aria2'

if (!(await has('aria2c'))) {
  say('aria2c is not there: installing it')
  if (process.getuid?.() === 0 && (await has('apt-get'))) {
    await run('apt-get', ['-qq', 'update'])
    await run('apt-get', ['-qq', '-y', 'install', 'aria2'])
  } else if (await has('brew')) await run('brew', ['install', '--quiet', 'aria2'])
  if (!(await has('aria2c')))
    throw new Error(`aria2c is not on the PATH: type the one of these that your system has: ${INSTALL}`)
}
