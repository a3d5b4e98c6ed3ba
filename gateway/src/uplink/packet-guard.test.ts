import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { PacketGuard } from './packet-guard.js';

const message = (bytes: number, qos: 0 | 1 | 2 = 1): Packet => ({
  ...{ cmd: 'publish', topic: 'a', payload: Buffer.alloc(bytes), qos, dup: false, retain: false },
  messageId: 1,
});

describe('packets from the city', () => {
  it('pass up to the longest, however they are cut', () => {
    const packets = fc.array(fc.nat(1_000), { maxLength: 20 });
    fc.assert(
      fc.property(packets, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (sizes, cuts) => {
        const bytes = Buffer.concat(sizes.map((size) => generate(message(size))));
        const guard = new PacketGuard(1_005);
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const cut = cuts[i % cuts.length] ?? 1;
          expect(guard.take(bytes.subarray(at, at + cut))).toBeUndefined();
          at += cut;
        }
      }),
    );
  });

  it('are refused by their header when they are longer', () => {
    const bytes = generate(message(1_001));
    expect(new PacketGuard(1_005).take(bytes.subarray(0, 3))).toBe('a packet of 1006 bytes');
  });

  it('are refused when they would have to be kept until a release', () => {
    expect(new PacketGuard(1_000).take(generate(message(1, 2)))).toBe('a message of QoS 2');
  });

  it('are refused when their length does not end', () => {
    expect(new PacketGuard(1_000).take(Buffer.of(0x30, 0x80, 0x80, 0x80, 0x80))).toBe(
      'a length without an end',
    );
  });
});
