import { apacheSize } from './apache-size.ts'

export interface IndexEntry {
  name: string
  size: number
  modified: Date
}

/** Index page like the archive's, which Apache 2.4 generates. Files are sorted by name in descending order. */
export function indexPage(entries: readonly IndexEntry[]): string {
  const files = entries.toSorted((a, b) => (a.name > b.name ? -1 : 1)).map(entryCells)
  const rows = [cells('/alerts/', 'Parent Directory', '&nbsp;', '  - '), ...files].map(
    (cells, i) => `   <tr class="${i % 2 ? 'odd' : 'even'}">${cells}</tr>`,
  )
  return [HEAD, ...rows, FOOT].join('\n')
}

const HEAD = `<!DOCTYPE html>
<html>
<head>
  <meta charset="utf-8">
  <title></title>
</head>
<body>
<div id="docs"><h3>A synthetic archive</h3>
<p>Its <a href="https://example.org/notes_20180601.tar.gz">notes</a> are not a night.</p>
</div>
  <table id="indexlist">
   <tr class="indexhead"><th class="indexcolicon">&nbsp;</th>${['Name', 'Last modified', 'Size'].map(heading).join('')}</tr>
   <tr class="indexbreakrow"><th colspan="4"><hr></th></tr>`

const FOOT = `   <tr class="indexbreakrow"><th colspan="4"><hr></th></tr>
</table>
</body></html>
`

function heading(title: string): string {
  const column = title.toLowerCase().replace('last modified', 'lastmod')
  return `<th class="indexcol${column}"><a href="?C=${title.at(0)};O=A">${title}</a></th>`
}

function entryCells({ name, size, modified }: IndexEntry): string {
  const minute = modified.toISOString().slice(0, 16).replace('T', ' ')
  return cells(encodeURI(name), name, `${minute}  `, apacheSize(size))
}

function cells(href: string, name: string, modified: string, size: string): string {
  return (
    `<td class="indexcolicon"><a href="${href}">&nbsp;</a></td>` +
    `<td class="indexcolname"><a href="${href}">${name}</a></td>` +
    `<td class="indexcollastmod">${modified}</td><td class="indexcolsize">${size}</td>`
  )
}
