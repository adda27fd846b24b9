import { makeNight, type NightOptions, type SyntheticNight } from './night.ts'
import type { SchemaField } from './schema-variants.ts'

/** A night whose alerts and candidates have an additional field. */
export function futureNight(
  night: string,
  name: string,
  type: string,
  options: Partial<NightOptions> = {},
): SyntheticNight {
  const field: SchemaField = { name, type: ['null', type], default: null }
  return makeNight({
    night,
    alerts: 3,
    ...options,
    schemas: [{ version: '4.02', style: 'go', extra: { alert: [field], candidate: [field] } }],
  })
}
