import { PassThrough, type Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { maskedTextFrame, textFrame } from '../../../src/transport/textFrame';

/** The part of ws that reads frames; its types leave it out. */
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** What a WebSocket client (or server) reads from these bytes, which come in pieces of `size`. */
function read(bytes: Buffer, size: number, isServer = false): Promise<string[]> {
  const texts: string[] = [];
  const receiver = new Receiver({ isServer });
  receiver.on('message', (data: Buffer, isBinary: boolean) => texts.push(isBinary ? '(binary)' : data.toString()));
  const done = new Promise<string[]>((resolve, reject) => {
    receiver.on('error', reject);
    receiver.on('finish', () => resolve(texts));
  });
  const pieces = new PassThrough();
  pieces.pipe(receiver);
  for (let at = 0; at < bytes.length; at += size) pieces.write(bytes.subarray(at, at + size));
  pieces.end();
  return done;
}

describe('a text frame', () => {
  it('is read by a WebSocket as the text that it was made of, whatever its length', async () => {
    for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]) {
      const text = 'a'.repeat(length);
      expect(await read(textFrame(text), 4096)).toEqual([text]);
    }
  });

  it('counts bytes, not characters, and follows another without a gap', async () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 64 }), async (given, size) => {
        expect(await read(Buffer.concat(given.map(textFrame)), size)).toEqual(given);
      }),
      { numRuns: 200 },
    );
  });

  it('of a client is masked, each with another key, and read by a server as the same text', async () => {
    for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
      const text = 'ü'.repeat(length);
      expect(await read(Buffer.concat([maskedTextFrame(text), maskedTextFrame('next')]), 4096, true)).toEqual([
        text,
        'next',
      ]);
    }
    const keys = new Set(Array.from({ length: 3000 }, () => maskedTextFrame('x').toString('hex', 2, 6)));
    expect(keys.size).toBeGreaterThan(2990);
  });
});
