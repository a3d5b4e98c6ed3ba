import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { encode, entries } from '../cbor/index.js';
import { encryptCose0, MAX_PARTIAL_IV } from '../cose/index.js';
import { sha256 } from '../crypto/index.js';
import { TimebandError } from '../errors.js';
import { OP } from '../smp/index.js';
import { codeOf } from '../test-support/index.js';
import { type Address, SecureChannel, SESSION_OVERHEAD_BYTES } from './channel.js';
import { kdf } from './edhoc/index.js';

const PRK = sha256(new TextEncoder().encode('channel test'));
const exported = (label: number, context: Uint8Array, length: number): Uint8Array =>
  kdf(PRK, label, context, length);
const REQUEST: Address = { op: OP.read, group: 84, id: 2 };
const ANSWER: Address = { op: OP.readResponse, group: 84, id: 2 };
const BODY = encode(entries([1, 7]));

const pair = (limit?: number): readonly [gateway: SecureChannel, device: SecureChannel] => [
  new SecureChannel(exported, 'gateway', limit),
  new SecureChannel(exported, 'device', limit),
];

describe('a secure channel', () => {
  it('carries any bodies both ways, numbered from 0 in each direction', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (bodies) => {
        const [gateway, device] = pair();
        bodies.forEach((body, i) => {
          const request = gateway.seal(REQUEST, body);
          const opened = device.open(REQUEST, request.payload);
          expect([request.counter, opened.counter]).toEqual([i, i]);
          const answer = device.seal(ANSWER, opened.payload, opened.counter);
          expect(toHex(gateway.open(ANSWER, answer.payload, i).payload)).toBe(toHex(body));
        });
      }),
    );
  });

  it('uses other keys in each direction, so that nothing can be sent back', () => {
    const [gateway] = pair();
    const sealed = gateway.seal(REQUEST, BODY);
    expect(codeOf(() => gateway.open(REQUEST, sealed.payload))).toBe('session/proof');
  });

  it('takes counters upwards only: what was lost is skipped, what is late or repeated is refused', () => {
    const [gateway, device] = pair();
    const [first, second, third] = [1, 2, 3].map(() => gateway.seal(REQUEST, BODY).payload);
    const open = (payload: Uint8Array | undefined): string =>
      codeOf(() => device.open(REQUEST, payload ?? BODY));
    expect([open(second), open(first), open(second), open(third)]).toEqual([
      'accepted',
      'session/replay',
      'session/replay',
      'accepted',
    ]);
  });

  it('counts nothing that does not decrypt, so that a stranger cannot push the counter on', () => {
    const [gateway, device] = pair();
    const forged = encryptCose0(
      { key: new Uint8Array(16), iv: new Uint8Array(13) },
      MAX_PARTIAL_IV,
      BODY,
      BODY,
    );
    expect(codeOf(() => device.open(REQUEST, encode(entries([0, forged]))))).toBe('session/proof');
    expect(codeOf(() => device.open(REQUEST, gateway.seal(REQUEST, BODY).payload))).toBe('accepted');
  });

  it.each([
    ['another command', { ...ANSWER, id: 3 }, 0],
    ['another group', { ...ANSWER, group: 0 }, 0],
    ['a request', REQUEST, 0],
    ['another request’s', ANSWER, 1],
    ['nobody’s', ANSWER, undefined],
  ])('does not take an answer for %s', (_, address, request) => {
    const [gateway, device] = pair();
    const { payload } = device.seal(ANSWER, BODY, 0);
    expect(codeOf(() => gateway.open(address, payload, request))).toBe('session/proof');
    expect(codeOf(() => gateway.open(ANSWER, payload, 0))).toBe('accepted');
  });

  it('seals no more messages than its limit, whatever comes in', () => {
    const [gateway] = pair(2);
    gateway.seal(REQUEST, BODY);
    gateway.seal(REQUEST, BODY);
    expect(codeOf(() => gateway.seal(REQUEST, BODY))).toBe('session/closed');
  });

  it('adds a known number of bytes at most', () => {
    const key = { key: new Uint8Array(16), iv: new Uint8Array(13) };
    for (const length of [0, 1, 15, 255, 256, 480]) {
      const message = encryptCose0(key, MAX_PARTIAL_IV, BODY, new Uint8Array(length));
      expect(encode(entries([0, message])).length).toBeLessThanOrEqual(length + SESSION_OVERHEAD_BYTES);
    }
    const longest = encode(entries([0, encryptCose0(key, MAX_PARTIAL_IV, BODY, new Uint8Array(480))]));
    expect(longest).toHaveLength(480 + SESSION_OVERHEAD_BYTES);
  });

  it('of any bytes takes none, and says why with a code', () => {
    const [, device] = pair();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        let caught: unknown;
        try {
          device.open(REQUEST, bytes);
        } catch (error) {
          caught = error;
        }
        expect(caught).toBeInstanceOf(TimebandError);
      }),
    );
  });
});
