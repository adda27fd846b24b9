/** Limits on untrusted input, well above anything in a real night (see docs/design.md). */
export const LIMITS = {
  /** Maximum size of a packet's header in bytes, most of which is its schema's text. */
  headerBytes: 256 << 10,
  /** Maximum number of cached schemas; the oldest one is evicted first. */
  cachedSchemas: 64,
  /** Maximum nesting depth of brackets in a schema's text, and of its types. */
  bracketDepth: 64,
  typeDepth: 16,
  /** Maximum number of types in a schema; a type counts once per reference. */
  schemaTypes: 4096,
  /** Maximum length of a field's name. */
  fieldNameLength: 100,
  /** Maximum number of columns that one night may add to the lake. */
  addedColumns: 256,
  /** Maximum number of array and map elements in one alert, and the number at which a batch is written. */
  alertElements: 1 << 14,
  batchElements: 1 << 16,
  /** Maximum number of schema versions listed separately in a night's manifest. */
  schemaVersions: 32,
  /** Maximum number of members and of damaged members in a tarball, and of bytes kept from the damaged ones. */
  members: 5_000_000,
  damagedMembers: 10_000,
  damagedBytes: 1 << 30,
  /** Maximum size in bytes of a member (the largest alert seen has 121,780 bytes), and of a long-name header. */
  memberBytes: 16 << 20,
  longNameBytes: 64 << 10,
  /** Maximum length of a member's name, and of a name in a message; longer names are truncated. */
  memberNameLength: 1000,
  shownNameLength: 80,
  /** Maximum length of a line in the archive's listing; longer lines are skipped. */
  lineLength: 1000,
} as const
