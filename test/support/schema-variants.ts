import type { WrittenSchema } from '../../lib/synthetic/night.ts'
import { type SchemaOptions, type Style, schemaText, type Version } from '../../lib/synthetic/schema.ts'

/** All combinations of version and style that can be made. */
export const SCHEMA_VARIANTS: readonly [Version, Style][] = [
  ['1.8', 'python'],
  ['3.1', 'python'],
  ['3.3', 'python'],
  ['3.3', 'go'],
  ['4.02', 'go'],
]

export interface SchemaField {
  name: string
  type: unknown
  default?: unknown
}

export interface SchemaVariant extends SchemaOptions {
  /** Spaces of indentation. */
  indent?: number
  /** Fields of a future version to append to a record, by the record's name. */
  extra?: Partial<Record<'alert' | 'candidate' | 'prv_candidate' | 'fp_hist' | 'cutout', readonly SchemaField[]>>
}

export function writtenSchema({ indent, extra, ...options }: SchemaVariant): WrittenSchema {
  const text = schemaText(options)
  if (!indent && !extra) return { text, style: options.style }
  const fields: Record<string, readonly SchemaField[]> = { ...extra }
  const schema = JSON.parse(text, (_, value) => {
    const added = value?.type === 'record' ? fields[value.name.replace('ztf.', '')] : undefined
    return added ? { ...value, fields: [...value.fields, ...added] } : value
  })
  return { text: JSON.stringify(schema, null, indent), style: options.style }
}
