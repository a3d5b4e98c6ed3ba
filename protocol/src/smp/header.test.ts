import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { decodeLenient } from '../cbor/index.js';
import { codeOf } from '../test-support/index.js';
import { decodePacket, encodePacket, OP } from './header.js';

describe('an SMP packet', () => {
  it('comes back the same', () => {
    const op = fc.constantFrom(OP.read, OP.readResponse, OP.write, OP.writeResponse);
    const [group, byte] = [fc.nat(0xffff), fc.nat(0xff)];
    fc.assert(
      fc.property(op, group, byte, byte, fc.uint8Array({ maxLength: 600 }), (o, g, sequence, id, payload) => {
        const back = decodePacket(encodePacket({ op: o, group: g, sequence, id, payload }));
        expect({ ...back, payload: toHex(back.payload) }).toEqual({
          ...{ op: o, group: g, sequence, id, payload: toHex(payload) },
        });
      }),
    );
  });

  it('is laid out as the SMP specification draws it', () => {
    const packet = encodePacket({ op: OP.write, group: 84, sequence: 7, id: 4, payload: fromHex('a0') });
    expect(toHex(packet)).toBe('0a00000100540704a0');
  });

  it('is read from servers of version 1 too, with their maps of indefinite length', () => {
    // What Zephyr answers to an echo of "Hello World", and to an image upload.
    const echo = decodePacket(fromHex('0300001000004200bf61726b48656c6c6f20576f726c64ff'));
    expect(echo).toMatchObject({ op: OP.writeResponse, group: 0, sequence: 66, id: 0 });
    expect(decodeLenient(echo.payload)).toEqual(new Map([['r', 'Hello World']]));
    const upload = decodePacket(fromHex('0300000c00010201bf62726300636f666618a5ff'));
    expect(decodeLenient(upload.payload)).toEqual(
      new Map([
        ['rc', 0],
        ['off', 165],
      ]),
    );
  });

  it.each([
    ['shorter than a header', '0a000001005407', 'smp/header'],
    ['of an operation that nobody defined', '0c00000000540704', 'smp/header'],
    ['shorter than its header promises', '0a00000200540704a0', 'smp/length'],
    ['longer than its header promises', '0a00000100540704a0a0', 'smp/length'],
  ])('is refused when it is %s', (_, hex, code) => {
    expect(codeOf(() => decodePacket(fromHex(hex)))).toBe(code);
  });
});
