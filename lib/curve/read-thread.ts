// Reads alerts in a worker thread, for `readPlaces`.
import { parentPort, workerData } from 'node:worker_threads'
import { readShare } from './alerts.ts'

parentPort?.postMessage(await readShare(workerData.places, workerData.columns))
