// Loaded by each script before its other modules, so that an error in loading those is reported like any other.
import { errorLine, handleOutputErrors } from '../lib/core/console.ts'

handleOutputErrors()
process.on('uncaughtException', error => {
  console.error(errorLine(error))
  process.exit(1)
})
