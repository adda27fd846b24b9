import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as damage from '../../lib/synthetic/damage.ts'
import { decode, packetsOf } from '../support/synthetic-packets.ts'

test('each damage changes the part of the packet in its name', async () => {
  const [[packet, values] = [Buffer.alloc(0), {}]] = packetsOf('3.3', 'go')
  assert.deepEqual(await decode(packet), values)
  for (const [name, corrupt] of Object.entries(damage) as [string, damage.Damage][])
    assert.ok(!corrupt(packet).equals(packet), name)
  assert.equal(damage.truncated(packet, 3).length, packet.length - 3)
  assert.notDeepEqual(damage.wrongMarker(packet).subarray(-16), packet.subarray(-16))
  const start = packet.indexOf('gogenavromagic10') + 16
  assert.deepEqual([packet[start], damage.wrongCount(packet)[start]], [2, 4])
  assert.notEqual(damage.wrongSize(packet)[start + 1], packet[start + 1])
  for (const corrupt of [damage.wrongMagic, damage.garbled, damage.wiped, damage.wrongSchema])
    assert.equal(await decode(corrupt(packet)), undefined, corrupt.name)
})
