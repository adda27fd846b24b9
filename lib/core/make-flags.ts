import { shellWord } from './shell-word.ts'

/** Flags and variables that make was called with. */
export interface MakeFlags {
  /** `-n` (dry run) and `-q` (exit status 1 if there is something to do), if given. */
  readonly preview: readonly ('-n' | '-q')[]
  /** The -j option to pass to another make, e.g. `-j5`; empty if none was given. */
  readonly jobs: readonly string[]
  /** Names of the variables given on make's command line. */
  readonly variables: readonly string[]
}

/**
 * Parses MAKEFLAGS, which make passes to its recipes. GNU make puts single-letter flags first, without a dash (`nk`),
 * then the other flags, then ` -- ` and the variables; spaces in their values are escaped.
 */
export function makeFlags(text = process.env.MAKEFLAGS ?? ''): MakeFlags {
  const [flags = '', ...variables] = text.split(/(?:^| )-- /)
  const letters = /^-?([a-zA-Z]*)(?= |$)/.exec(flags)?.[1] ?? ''
  return {
    preview: (['-n', '-q'] as const).filter(flag => letters.includes(flag.slice(1))),
    jobs: /(?:^| )(-j\d*)(?= |$)/.exec(flags)?.slice(1) ?? [],
    variables: [...variables.join(' -- ').matchAll(/(?<=^|(?<!\\) )([^\s:=+?!]+)[:+?!]*=/g)].flatMap(
      match => match[1] ?? [],
    ),
  }
}

/** Number of jobs that -j allows: 1 without it, and `most` if it has no number. */
export function jobsOf({ jobs: [flag] }: MakeFlags, most = 16): number {
  return flag === undefined ? 1 : Number(flag.slice(2)) || most
}

/** Settings that advice on a command has to repeat, so that it is about the same folders. */
const FOLDERS = ['DATA', 'URIS']

/** Adds the folders of make's command line to advice: `run make index` becomes e.g. `run make index DATA=demo/data`. */
export function repeatFolders(text: string, env: NodeJS.ProcessEnv = process.env): string {
  const { variables } = makeFlags(env.MAKEFLAGS)
  const given = FOLDERS.filter(name => variables.includes(name)).map(name => ` ${name}=${shellWord(env[name] ?? '')}`)
  return text.replace(/\brun make [a-z-]+/g, command => command + given.join(''))
}
