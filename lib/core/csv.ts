/** Cells of a line of CSV, without quotes and surrounding blanks. */
export function cellsOf(line: string): string[] {
  const cells = line.match(/("([^"]|"")*"|[^,])+|(?<=^|,)(?=,|$)/g) ?? []
  return cells.map(cell => cell.trim().replace(/^"(.*)"$/, (_, quoted: string) => quoted.replaceAll('""', '"')))
}
