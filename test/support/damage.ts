/** Returns a corrupt copy of a packet, which a reader must reject. */
export type Damage = (packet: Buffer) => Buffer

/** Bytes of a sync marker. */
const MARKER = 16

/** Removes bytes at the end; by default the cut is inside the last sync marker. */
export function truncated(packet: Buffer, missing = 10): Buffer {
  return Buffer.from(packet.subarray(0, Math.max(0, packet.length - missing)))
}

/** Appends bytes after the end. */
export function prolonged(packet: Buffer): Buffer {
  return Buffer.concat([packet, Buffer.from([1, 2, 3])])
}

/** Changes the magic bytes of the Avro file. */
export function wrongMagic(packet: Buffer): Buffer {
  return changed(packet, 0, 0x50)
}

/** Makes the sync marker at the end differ from that of the header. */
export function wrongMarker(packet: Buffer): Buffer {
  return changed(packet, packet.length - 1, ((packet.at(-1) as number) + 1) & 0xff)
}

/** Makes the block claim two records. */
export function wrongCount(packet: Buffer): Buffer {
  return changed(packet, blockStart(packet), 4)
}

/** Makes the block's size wrong by one byte. */
export function wrongSize(packet: Buffer): Buffer {
  const position = blockStart(packet) + 1
  return changed(packet, position, (packet[position] as number) ^ 2)
}

/** Gives the record's first string a negative length, in a block that is otherwise valid. */
export function garbled(packet: Buffer): Buffer {
  return changed(packet, recordStart(packet), 1)
}

/** Sets every byte of the record to 0xff, so that no varint ends. */
export function wiped(packet: Buffer): Buffer {
  const copy = Buffer.from(packet)
  return copy.fill(0xff, recordStart(packet), packet.length - MARKER)
}

/** Makes the schema invalid JSON. */
export function wrongSchema(packet: Buffer): Buffer {
  return changed(packet, packet.indexOf('{'), 0x5b)
}

/** A packet of no bytes. */
export function emptied(): Buffer {
  return Buffer.alloc(0)
}

function blockStart(packet: Buffer): number {
  return packet.indexOf(packet.subarray(-MARKER)) + MARKER
}

function recordStart(packet: Buffer): number {
  let position = blockStart(packet) + 1
  while ((packet[position] as number) > 0x7f) position++
  return position + 1
}

function changed(packet: Buffer, position: number, byte: number): Buffer {
  const copy = Buffer.from(packet)
  copy[position] = byte
  return copy
}
