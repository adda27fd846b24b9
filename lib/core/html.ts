import { createHash } from 'node:crypto'

/** Meta element with a Content Security Policy that allows only this script (by hash), inline styles and images in data URLs. */
export function policyOf(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64')
  const allowed = `script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:`
  const policy = `default-src 'none'; ${allowed}; base-uri 'none'; form-action 'none'`
  return `<meta http-equiv="Content-Security-Policy" content="${policy}" />`
}

/** Script element with data as JSON, in which `<` is escaped, so that it cannot end the element. */
export function jsonElement(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`
}
