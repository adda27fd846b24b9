const UNITS = 'KMGTPE'
/** Smallest value for which Apache uses the next larger unit. */
const NEXT_UNIT = 973

/** Formats a size as in Apache's index pages, four characters wide: `  0 `, ` 44 `, `1.0K`, `767M`, ` 10G`. */
export function apacheSize(bytes: number): string {
  if (bytes < NEXT_UNIT) return `${String(bytes).padStart(3)} `
  let [whole, remainder, unit] = [Math.floor(bytes / 1024), bytes % 1024, 0]
  while (whole >= NEXT_UNIT) [whole, remainder, unit] = [Math.floor(whole / 1024), whole % 1024, unit + 1]
  return `${whole < 9 || (whole === 9 && remainder < NEXT_UNIT) ? tenths(whole, remainder) : rounded(whole, remainder)}${UNITS[unit]}`
}

function tenths(whole: number, remainder: number): string {
  const tenth = Math.floor((remainder * 5 + 256) / 512)
  return tenth >= 10 ? `${whole + 1}.0` : `${whole}.${tenth}`
}

function rounded(whole: number, remainder: number): string {
  return String(remainder >= 512 ? whole + 1 : whole).padStart(3)
}
