// Preloaded by a test: the clock is seven years ahead, and random numbers are constant.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

const { Date: RealDate } = globalThis
const SEVEN_YEARS = 7 * 365.25 * 24 * 3600 * 1000

globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length > 0 ? args : [RealDate.now() + SEVEN_YEARS]))
  }
  static now() {
    return RealDate.now() + SEVEN_YEARS
  }
}
Math.random = () => 0.5
crypto.randomUUID = () => '00000000-0000-4000-8000-000000000000'
syncBuiltinESMExports()
