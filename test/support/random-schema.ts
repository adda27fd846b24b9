import type { Random } from '../../lib/synthetic/random.ts'
import type { SchemaField } from './schema-variants.ts'

/** Parsed JSON of a schema. */
type Schema = string | object

const PRIMITIVES = ['boolean', 'int', 'long', 'float', 'double', 'string', 'bytes']
const NAMED = ['record', 'enum', 'fixed']
const MAX_FIELDS = 6
const MAX_DEPTH = 3

/** The text of a random record schema that uses all Avro types. */
export function randomSchema(random: Random): string {
  return JSON.stringify(new SchemaMaker(random).record(0))
}

class SchemaMaker {
  private readonly random: Random
  private readonly records: string[] = []
  private names = 0

  constructor(random: Random) {
    this.random = random
  }

  record(depth: number): object {
    const name = this.name('record')
    const length = this.random.int(1, depth === 0 ? MAX_FIELDS : 3)
    // The first field always takes bytes, because arrays of elements without bytes are rejected as damage.
    const fields: SchemaField[] = [{ name: 'first', type: this.random.pick(PRIMITIVES) }]
    for (let i = 0; i < length; i++) fields.push({ name: `f${i}`, type: this.any(depth + 1) })
    this.records.push(name)
    return { type: 'record', name, fields }
  }

  private any(depth: number): Schema {
    if (this.random.chance(0.03)) return 'null'
    if (this.random.chance(0.35)) return this.nullable(depth)
    if (this.random.chance(0.1)) return this.union(depth)
    return this.plain(depth)
  }

  private plain(depth: number): Schema {
    const kinds =
      depth < MAX_DEPTH ? [...PRIMITIVES, ...NAMED, 'array', 'map', 'known'] : [...PRIMITIVES, 'enum', 'fixed']
    return this.ofKind(this.random.pick(kinds), depth)
  }

  private nullable(depth: number): Schema {
    const union = ['null', this.plain(depth)]
    return this.random.chance(0.5) ? union : union.toReversed()
  }

  /** Branches of different kinds, as Avro requires. A map and a record together would make values ambiguous. */
  private union(depth: number): Schema {
    const kinds = [...PRIMITIVES, 'null', 'array', 'enum', 'fixed', this.random.pick(['map', 'record'])]
    const start = this.random.int(0, kinds.length - 1)
    const step = this.random.int(1, 4)
    const chosen = new Set([0, 1, 2].map(i => kinds[(start + i * step) % kinds.length] as string))
    return [...chosen].map(kind => this.ofKind(kind, depth))
  }

  private ofKind(kind: string, depth: number): Schema {
    const { random } = this
    if (kind === 'array') return { type: 'array', items: this.item(depth + 1) }
    if (kind === 'map') return { type: 'map', values: this.plain(depth + 1) }
    if (kind === 'record') return this.record(depth)
    if (kind === 'enum') return { type: 'enum', name: this.name('enum'), symbols: ['RED', 'GREEN', 'BLUE'] }
    if (kind === 'fixed') return { type: 'fixed', name: this.name('fixed'), size: random.int(1, 20) }
    if (kind === 'known') return this.records.length > 0 ? random.pick(this.records) : 'long'
    return kind
  }

  private item(depth: number): Schema {
    return this.random.chance(0.5) ? this.nullable(depth) : this.plain(depth)
  }

  private name(kind: string): string {
    return `${kind}${this.names++}`
  }
}
