// Makes sure that aria2c is there: from the system's package manager, where that can be had without asking.
import { print } from '../lib/core/console.ts'
import { aptInstall, has, run } from '../lib/core/shell.ts'

const INSTALL = 'apt-get install aria2, dnf install aria2 or brew install aria2'

if (!(await has('aria2c'))) {
  print('aria2c is not there: installing it')
  if (!(await aptInstall('aria2')) && (await has('brew'))) await run('brew', ['install', '--quiet', 'aria2'])
  if (!(await has('aria2c')))
    throw new Error(`aria2c is not on the PATH: type the one of these that your system has: ${INSTALL}`)
}
