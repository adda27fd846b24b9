/** Limits on untrusted input, well above anything in a real night (see docs/design.md). */
export const LIMITS = {
  /** Maximum size of a packet's header in bytes. Most of it is the schema's text. */
  headerBytes: 256 << 10,
  /** Maximum number of cached schemas; the oldest one is evicted first. */
  cachedSchemas: 64,
  /** Maximum nesting depth of brackets in a schema's text. */
  bracketDepth: 64,
  /** Maximum nesting depth of a schema's types. */
  typeDepth: 16,
  /** Maximum number of types in a schema. A type is counted once per reference. */
  schemaTypes: 4096,
  /** Maximum length of the name of a field, and of an enum's symbol. */
  nameLength: 100,
  /** Maximum number of columns that one night may add to the lake. */
  addedColumns: 256,
  /** Maximum number of array and map elements per alert. */
  alertElements: 1 << 14,
  /** Maximum size in bytes of the strings that an alert has in the candidates table, which DuckDB sorts in memory. */
  candidateText: 2048,
  /** Maximum number of schema versions listed separately in a night's manifest. */
  schemaVersions: 32,
  /** Maximum numbers of members and damaged members per tarball. */
  members: 5_000_000,
  damagedMembers: 10_000,
  /** Maximum number of bytes kept from the damaged members of a tarball. */
  damagedBytes: 1 << 30,
  /** Maximum size of a member in bytes. The largest alert seen has 121,780 bytes. */
  memberBytes: 16 << 20,
  /** Maximum size of a pax or GNU long-name entry in bytes. */
  longNameBytes: 64 << 10,
  /** Maximum lengths of a member's name, and of a name shown in a message. Longer names are truncated. */
  memberNameLength: 1000,
  shownNameLength: 80,
  /** Maximum length of a line in the archive's listing; longer lines are skipped. */
  lineLength: 1000,
} as const
