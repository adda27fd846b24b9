/** Ways to spoil a packet. Each returns a copy that a reader must refuse. */
export type Damage = (packet: Buffer) => Buffer

const MARKER = 16

/** Cut off before its end; by default inside the last marker. */
export function truncated(packet: Buffer, missing = 10): Buffer {
  return Buffer.from(packet.subarray(0, Math.max(0, packet.length - missing)))
}

/** Goes on after its end. */
export function prolonged(packet: Buffer): Buffer {
  return Buffer.concat([packet, Buffer.from([1, 2, 3])])
}

/** Not an Avro file. */
export function wrongMagic(packet: Buffer): Buffer {
  return changed(packet, 0, 0x50)
}

/** The marker at the end differs from the header's. */
export function wrongMarker(packet: Buffer): Buffer {
  return changed(packet, packet.length - 1, ((packet.at(-1) as number) + 1) & 0xff)
}

/** The block claims two records. */
export function wrongCount(packet: Buffer): Buffer {
  return changed(packet, blockStart(packet), 4)
}

/** The block claims a size one byte from the true one. */
export function wrongSize(packet: Buffer): Buffer {
  const at = blockStart(packet) + 1
  return changed(packet, at, (packet[at] as number) ^ 2)
}

/** The record's first string claims a negative length, within a block that looks right. */
export function garbled(packet: Buffer): Buffer {
  return changed(packet, recordStart(packet), 1)
}

/** Every byte of the record is 0xff: no varint in it ends. */
export function wiped(packet: Buffer): Buffer {
  const copy = Buffer.from(packet)
  return copy.fill(0xff, recordStart(packet), packet.length - MARKER)
}

/** The JSON of the schema does not parse. */
export function wrongSchema(packet: Buffer): Buffer {
  return changed(packet, packet.indexOf('{'), 0x5b)
}

/** Nothing at all. */
export function emptied(): Buffer {
  return Buffer.alloc(0)
}

function blockStart(packet: Buffer): number {
  return packet.indexOf(packet.subarray(-MARKER)) + MARKER
}

function recordStart(packet: Buffer): number {
  let at = blockStart(packet) + 1
  while ((packet[at] as number) > 0x7f) at++
  return at + 1
}

function changed(packet: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(packet)
  copy[at] = byte
  return copy
}
