// Runs a query without end that calls a function of this process, which has loaded a worker script:
// `node --import tsx query-child.ts WORKER`. Sends a message at the first call.
import { DuckDB } from '../../lib/core/duckdb.ts'

await import(`../../scripts/${process.argv[2]}`)
const database = await DuckDB.open({ threads: 1 })
let called = false
await database.define({
  name: 'called',
  parameters: ['INTEGER'],
  returns: 'INTEGER',
  call: () => {
    if (!called) process.send?.('called')
    called = true
    return 1
  },
})
await database.query('select sum(called(1)) from range(1000000000000)')
