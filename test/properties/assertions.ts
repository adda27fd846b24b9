import assert from 'node:assert/strict'
import { CorruptPacketError } from '../../lib/alerts/corrupt-packet.ts'
import { assertMessage } from '../support/message.ts'
import { oracleRead } from '../support/oracle.ts'
import type { Target } from '../support/target.ts'

/** Appends a packet; returns false if it was rejected, after asserting that it was rejected properly. */
export function accepts(target: Target, packet: Buffer): boolean {
  try {
    target.open(packet)
    return true
  } catch (error) {
    if (!(error instanceof CorruptPacketError)) throw error
    assertMessage(error.message)
    return false
  }
}

/** Asserts that the last row is what avsc reads from the packet. */
export async function assertReadAsOracle(target: Target, packet: Buffer): Promise<void> {
  const read = await oracleRead(packet)
  assert.ok(read, 'avsc cannot read a packet that was accepted')
  target.assertRow(target.rows - 1, read.type, read.value)
}
