// Loaded into every process of a test: another day, another zone's clock, and randomness that is none.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

const { Date: Clock } = globalThis
const YEARS = 7 * 365.25 * 24 * 3600 * 1000

globalThis.Date = class extends Clock {
  constructor(...given) {
    super(...(given.length > 0 ? given : [Clock.now() + YEARS]))
  }
  static now() {
    return Clock.now() + YEARS
  }
}
Math.random = () => 0.5
crypto.randomUUID = () => '00000000-0000-4000-8000-000000000000'
syncBuiltinESMExports()
