import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { codeOf } from '../test-support/index.js';
import { COMMAND, encodePacket, OP, TIMEBAND_GROUP, type Put } from './index.js';
import {
  MAX_PUT_BYTES,
  PUT_PIECE_BYTES,
  type PutDocument,
  type PutState,
  receivePut,
  sendPut,
} from './put.js';

/** A device that may be restarted between pieces, or lose an answer. */
class Receiver {
  readonly documents: PutDocument[] = [];
  pieces = 0;
  private state: PutState = { state: 'idle' };

  readonly take = (piece: Put): Promise<number> => {
    this.pieces++;
    const { state, next, document } = receivePut(this.state, piece);
    this.state = state;
    if (document !== undefined) this.documents.push(document);
    return Promise.resolve(next);
  };

  restart(): void {
    this.state = { state: 'idle' };
  }
}

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7);
const receipt = (length: number): PutDocument => ({ what: 'receipt', bytes: bytesOf(length) });
const piece = (offset: number, length: number, total?: number): Put => ({
  ...{ what: 'receipt', offset, data: bytesOf(length), total },
});

describe('a document put in pieces', () => {
  it('arrives whole, once, whatever its length and the length of a piece', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 7, max: 400 }),
        async (length, size) => {
          const receiver = new Receiver();
          await sendPut(receipt(length), receiver.take, size);
          expect(receiver.documents.map(({ bytes }) => toHex(bytes))).toEqual([toHex(bytesOf(length))]);
          expect(receiver.pieces).toBe(Math.ceil(length / size));
        },
      ),
    );
  });

  it('begins again when the device was started anew in between', async () => {
    const receiver = new Receiver();
    await sendPut(receipt(1_000), (put) => {
      if (receiver.pieces === 2) receiver.restart();
      return receiver.take(put);
    });
    expect(receiver.documents).toHaveLength(1);
    expect(toHex(receiver.documents[0]?.bytes ?? new Uint8Array())).toBe(toHex(bytesOf(1_000)));
  });

  it('arrives once when answers are lost and pieces repeated', async () => {
    const receiver = new Receiver();
    await sendPut(receipt(1_000), async (put) => {
      await receiver.take(put);
      return receiver.take(put);
    });
    expect(receiver.documents).toHaveLength(1);
  });

  it('fits a packet of 384 bytes with each piece', () => {
    const put: Put = { what: 'receipt', offset: 0, data: bytesOf(PUT_PIECE_BYTES), total: MAX_PUT_BYTES };
    const payload = encode(COMMAND.put.encodeRequest(put));
    const packet = encodePacket({
      ...{ op: OP.write, group: TIMEBAND_GROUP, id: COMMAND.put.id, sequence: 0, payload },
    });
    expect(packet.length).toBeLessThan(384 - 40); // room for what a session adds
  });

  it('is given up when the device gets nowhere, or wants what is not there', async () => {
    await expect(sendPut(receipt(1_000), () => Promise.resolve(0))).rejects.toThrow('does not get further');
    await expect(sendPut(receipt(1_000), () => Promise.resolve(1_001))).rejects.toThrow(
      'beyond the document',
    );
    await expect(sendPut(receipt(0), () => Promise.resolve(0))).rejects.toThrow(RangeError);
    await expect(sendPut(receipt(MAX_PUT_BYTES + 1), () => Promise.resolve(0))).rejects.toThrow(RangeError);
  });
});

describe('what receives it', () => {
  const idle: PutState = { state: 'idle' };
  const begun = receivePut(idle, piece(0, 10, 30)).state;

  it('cannot be made to hold more than its limit', () => {
    expect(codeOf(() => receivePut(idle, piece(0, 10, MAX_PUT_BYTES + 1)))).toBe('cbor/shape');
    expect(codeOf(() => receivePut(idle, piece(0, 10)))).toBe('cbor/shape');
    expect(codeOf(() => receivePut(idle, piece(0, 10, 9)))).toBe('cbor/shape');
    expect(codeOf(() => receivePut(begun, piece(10, 21)))).toBe('cbor/shape');
    expect(codeOf(() => receivePut(begun, piece(10, 0)))).toBe('cbor/shape');
  });

  it('says where it is when another piece comes than the next, and changes nothing', () => {
    expect(receivePut(begun, piece(9, 5))).toEqual({ state: begun, next: 10 });
    expect(receivePut(begun, piece(11, 5))).toEqual({ state: begun, next: 10 });
    expect(receivePut(idle, piece(10, 5))).toEqual({ state: idle, next: 0 });
  });

  it('does not mix two documents', () => {
    const certificate = { ...piece(10, 5), what: 'certificate' } as const;
    expect(receivePut(begun, certificate)).toEqual({ state: begun, next: 0 });
    const other = receivePut(begun, { ...certificate, offset: 0, total: 5 });
    expect(other.document?.what).toBe('certificate');
  });
});
