/** Limits on untrusted input. No real night comes near any of them (numbers in docs/design.md). */
export const LIMITS = {
  /** Bytes of a packet's header, most of which is the text of its schema. */
  headerBytes: 256 << 10,
  /** Schemas in the cache; the oldest one is evicted. */
  cachedSchemas: 64,
  /** Nesting depth of brackets in a schema's text, and of its types. */
  bracketDepth: 64,
  typeDepth: 16,
  /** Types in a schema; a type counts once per reference. */
  schemaTypes: 4096,
  /** Characters of a field's name. */
  fieldNameLength: 100,
  /** Columns that one night may add to the lake's. */
  addedColumns: 256,
  /** Array and map elements in one alert, and in a batch before it is written. */
  alertElements: 1 << 14,
  batchElements: 1 << 16,
  /** Schema versions that a night's manifest lists separately. */
  schemaVersions: 32,
  /** Members of a tarball, damaged ones among them, and the bytes kept of those. */
  members: 5_000_000,
  damagedMembers: 10_000,
  damagedBytes: 1 << 30,
  /** Bytes of a member (over a hundred times the largest alert seen, 121,780 bytes), and of a long-name header. */
  memberBytes: 16 << 20,
  longNameBytes: 64 << 10,
  /** Characters of a member's name, and of a name in a message. */
  memberNameLength: 1000,
  shownNameLength: 80,
  /** Characters per line of the archive's listing. */
  lineLength: 1000,
} as const
