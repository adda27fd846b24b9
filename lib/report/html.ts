import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { built, PROJECT } from '../paths.ts'
import type { Overview } from './overview.ts'

const BROWSER = join(PROJECT, 'lib/report/browser')
const STYLES = ['page.css', 'calendar.css', 'table.css']

/**
 * Builds the report as a single HTML file that needs no network. Text from tarballs and servers is untrusted, so it is
 * embedded only as JSON, and the content security policy allows only the page's own script.
 */
export async function makePage(overview: Overview): Promise<string> {
  const read = (path: string) => readFile(path, 'utf8')
  const [page, script, ...styles] = await Promise.all([
    read(join(BROWSER, 'page.html')),
    read(built('page.js')),
    ...STYLES.map(name => read(join(BROWSER, name))),
  ])
  const parts: Record<string, string> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy(script)}" />`,
    style: `<style>\n${styles.join('\n')}</style>`,
    data: `<script type="application/json" id="overview">${escapedJson(overview)}</script>`,
    script: `<script>${script}</script>`,
  }
  return page.replace(/<!-- (\w+) -->/g, (marker, name: string) => parts[name] ?? marker)
}

/** Content Security Policy that allows only this script (by hash), inline styles (for Plot) and images in data URLs. */
function policy(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64')
  const allowed = `script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:`
  return `default-src 'none'; ${allowed}; base-uri 'none'; form-action 'none'`
}

/** JSON with `<` escaped, so that it cannot end the script element that contains it. */
function escapedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
