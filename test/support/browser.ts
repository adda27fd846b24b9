import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

/** Why a test of the page cannot run; false where it can. */
export const NO_CHROMIUM = CHROMIUM ? false : 'no Chromium at /usr/bin/chromium'

/** Nothing else imports playwright-core. Its sandbox cannot be had by root, as whom CI runs. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? '', chromiumSandbox: false })
}
