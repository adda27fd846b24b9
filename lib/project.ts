import { join } from 'node:path'

/** The project's own folder, seen from here as from where the scripts are built. */
export const PROJECT = join(import.meta.dirname, '..')
