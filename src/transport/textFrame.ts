import { randomFillSync } from 'node:crypto';

/** Masking keys that are drawn at once. */
const drawnKeys = 1024;
const keyBytes = 4;
const drawn = Buffer.alloc(drawnKeys * keyBytes);
let nextKey = drawn.length;

/**
 * A WebSocket text frame as a server sends it: whole, not masked, not compressed (RFC 6455, section 5.2), in one buffer. `ws`
 * hands header and text to the stream apart, which costs a message more than making both.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(headerBytes(length) + length);
  frame.write(text, writeHeader(frame, length, 0));
  return frame;
}

/** The same as a client sends it: masked with a key that nobody can foresee (RFC 6455, section 5.3). */
export function maskedTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(headerBytes(length) + keyBytes + length);
  const key = writeHeader(frame, length, 0x80);
  drawKey(frame, key);
  const start = key + keyBytes;
  frame.write(text, start);
  for (let at = start, from = key; at < frame.length; at++, from++) {
    if (from === start) from = key;
    frame[at] = (frame[at] ?? 0) ^ (frame[from] ?? 0);
  }
  return frame;
}

function headerBytes(length: number): number {
  return length < 126 ? 2 : length < 0x1_00_00 ? 4 : 10;
}

/** @returns where it ends */
function writeHeader(frame: Buffer, length: number, mask: 0 | 0x80): number {
  frame[0] = 0x81;
  if (length < 126) {
    frame[1] = mask | length;
    return 2;
  }
  if (length < 0x1_00_00) {
    frame[1] = mask | 126;
    return frame.writeUInt16BE(length, 2);
  }
  frame[1] = mask | 127;
  return frame.writeBigUInt64BE(BigInt(length), 2);
}

function drawKey(frame: Buffer, at: number): void {
  if (nextKey === drawn.length) {
    randomFillSync(drawn);
    nextKey = 0;
  }
  drawn.copy(frame, at, nextKey, nextKey + keyBytes);
  nextKey += keyBytes;
}
