import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jsonElement, policyOf } from '../core/html.ts'
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
    policy: policyOf(script),
    style: `<style>\n${styles.join('\n')}</style>`,
    data: jsonElement('overview', overview),
    script: `<script>${script}</script>`,
  }
  return page.replace(/<!-- (\w+) -->/g, (marker, name: string) => parts[name] ?? marker)
}
