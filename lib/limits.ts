/**
 * What input may cost. No real night comes near any of these (docs/design.md has the numbers beside); what goes beyond
 * is damage, or no night that the archive published.
 */
export const LIMITS = {
  /** Bytes of a packet's header, most of which is its schema's text. */
  header: 256 << 10,
  /** Schemas that are known at a time: the one least lately learned is forgotten. */
  schemas: 64,
  /** How deep a schema's text may nest, in brackets, and its types, in one another. */
  brackets: 64,
  types: 16,
  /** Types in a schema, each counted as often as it is referred to. */
  shapes: 4096,
  /** Letters of a field's name. */
  name: 100,
  /** Columns that one night may add to the lake's. */
  columns: 256,
  /** Elements of all arrays and maps of one alert, and those after which a batch is written. */
  elements: 1 << 14,
  batchElements: 1 << 16,
  /** Schema versions that a night's manifest tells apart. */
  versions: 32,
  /** Members of a night, and those of them that are damaged: how many, and bytes of what is kept of them. */
  members: 5_000_000,
  damaged: 10_000,
  damagedBytes: 1 << 30,
  /**
   * Bytes of a tar's member, over a hundred times the largest alert seen (121,780 bytes), and of a header's long name.
   */
  member: 16 << 20,
  longName: 64 << 10,
  /** Letters of a member's name, and those that a sentence has of it. */
  memberName: 1000,
  toldName: 80,
  /** Letters of a line of the archive's listing. */
  line: 1000,
} as const
