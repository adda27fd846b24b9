import { print } from '../core/console.ts'
import { aptInstall, has, run } from '../core/shell.ts'

/**
 * Installs aria2c if it is missing.
 * @throws Error with the installation commands if aria2c is still missing afterwards
 */
export async function installAria2c(): Promise<void> {
  if (await has('aria2c')) return
  print('aria2c is not installed: installing it')
  if (!(await aptInstall('aria2')) && (await has('brew'))) await run('brew', ['install', '--quiet', 'aria2'])
  if (!(await has('aria2c')))
    throw new Error(
      'aria2c is not on the PATH: install it with the command for your system: ' +
        'apt-get install aria2, dnf install aria2 or brew install aria2',
    )
}
