import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT } from '../paths.ts'
import type { Overview } from './overview.ts'

/**
 * The page that shows an overview: one file that asks no network for anything. Names and messages come from tarballs
 * and servers, so they travel as JSON, and only the page's own script, known by its hash, may run.
 */
export async function makePage(overview: Overview): Promise<string> {
  const read = (name: string) => readFile(join(PROJECT, name), 'utf8')
  const [page, style, script] = await Promise.all([
    read('lib/report/browser/page.html'),
    read('lib/report/browser/page.css'),
    read('.build/page.js'),
  ])
  const parts: Record<string, string> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy(script)}" />`,
    style: `<style>\n${style}</style>`,
    data: `<script type="application/json" id="overview">${escapedJson(overview)}</script>`,
    script: `<script>${script}</script>`,
  }
  return page.replace(/<!-- (\w+) -->/g, (marker, name: string) => parts[name] ?? marker)
}

/** Styles may be anywhere, as Plot writes some and they can do no harm; nothing may be fetched. */
function policy(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64')
  const allowed = `script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:`
  return `default-src 'none'; ${allowed}; base-uri 'none'; form-action 'none'`
}

/** JSON in which nothing ends the script element that it stands in. */
function escapedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
