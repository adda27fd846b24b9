/** Formats a Markdown table. Cells must not contain `|` or line breaks. */
export function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = `|${'---|'.repeat(heading.length)}`
  return [line(heading), rule, ...rows.map(line)].join('\n')
}
