/** Strings, which are kept, and numbers that JSON lacks. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN/g

/** Replaces NaN and infinities in DuckDB's JSON by null. That JSON has no line break inside a string. */
export async function* nullForNaN(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf('\n') + 1
    if (end > 0) yield replaced(rest + chunk.slice(0, end))
    rest = end > 0 ? chunk.slice(end) : rest + chunk
  }
  yield replaced(rest)
}

function replaced(lines: string): string {
  return /NaN|Infinity/.test(lines) ? lines.replace(TOKEN, token => (token.startsWith('"') ? token : 'null')) : lines
}
