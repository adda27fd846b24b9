import about from '../package.json' with { type: 'json' }

/** What wrote a file, as its metadata states it. */
export const WRITER = `ztf-lake ${about.version}`
