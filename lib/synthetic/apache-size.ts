const UNITS = 'KMGTPE'
/** From here on, Apache states the next larger unit. */
const NEXT_UNIT = 973

/** A size as an Apache index has it, four characters wide: `  0 `, ` 44 `, `1.0K`, `767M`, ` 10G`. */
export function apacheSize(bytes: number): string {
  if (bytes < NEXT_UNIT) return `${String(bytes).padStart(3)} `
  let [whole, rest, unit] = [Math.floor(bytes / 1024), bytes % 1024, 0]
  while (whole >= NEXT_UNIT) [whole, rest, unit] = [Math.floor(whole / 1024), whole % 1024, unit + 1]
  return `${whole < 9 || (whole === 9 && rest < NEXT_UNIT) ? tenths(whole, rest) : rounded(whole, rest)}${UNITS[unit]}`
}

function tenths(whole: number, rest: number): string {
  const tenth = Math.floor((rest * 5 + 256) / 512)
  return tenth >= 10 ? `${whole + 1}.0` : `${whole}.${tenth}`
}

function rounded(whole: number, rest: number): string {
  return String(rest >= 512 ? whole + 1 : whole).padStart(3)
}
