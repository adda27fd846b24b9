import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** What wrote a file, as its metadata states it. */
export const WRITER = `ztf-lake ${version}`
