/** How make was called, read from the MAKEFLAGS that it passes to its recipes. */
export interface MakeFlags {
  /** `-n` (print what would be done) and `-q` (the exit status is 1 if there is something to do); else empty. */
  readonly preview: readonly ('-n' | '-q')[]
  /** `-j5` as an argument for another make; empty without a `-j`. */
  readonly jobs: readonly string[]
  /** Names of the variables given on make's command line. */
  readonly variables: readonly string[]
}

/**
 * GNU make puts single-letter flags without a dash first (`nk`), then long ones, then ` -- ` and the variables, with
 * the spaces in their values escaped.
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
