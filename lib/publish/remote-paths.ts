import { Paths } from '../paths.ts'

/** Paths at a target, which are the same as in the data folder. They are relative to it. */
export const REMOTE = new Paths('')
