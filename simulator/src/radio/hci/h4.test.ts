import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '@timeband/protocol';
import { H4Parser } from './h4.js';

const MAX_ACL = 251;

function parser(now: () => number = () => 0) {
  const seen: string[] = [];
  const h4 = new H4Parser(
    {
      command: (packet) => seen.push(`command ${toHex(packet)}`),
      acl: (packet) => seen.push(`acl ${toHex(packet)}`),
      lostStep: () => seen.push('lost'),
    },
    MAX_ACL,
    now,
  );
  return { h4, seen };
}

const RESET = fromHex('01030c00');
const DATA = fromHex('024000050001020304ff');

describe('the H4 parser', () => {
  it('finds packets however they are cut', () => {
    const packets = fc.array(fc.constantFrom(RESET, DATA), { maxLength: 8 });
    const cuts = fc.array(fc.nat(60), { maxLength: 12 });
    fc.assert(
      fc.property(packets, cuts, (sent, places) => {
        const { h4, seen } = parser();
        const bytes = concat(...sent);
        const ends = [...places.sort((a, b) => a - b), bytes.length];
        ends.reduce((from, to) => {
          h4.push(bytes.subarray(from, to));
          return to;
        }, 0);
        const data = `acl ${toHex(DATA.subarray(1))}`;
        expect(seen).toEqual(sent.map((packet) => (packet === RESET ? 'command 030c00' : data)));
      }),
    );
  });

  it('says once that it lost step and is found again by a reset', () => {
    const { h4, seen } = parser();
    h4.push(fromHex('ff0102'));
    h4.push(concat(DATA, fromHex('0103')));
    expect(seen).toEqual(['lost']);
    h4.push(fromHex('0c00'));
    h4.push(DATA);
    expect(seen).toEqual(['lost', 'command 030c00', `acl ${toHex(DATA.subarray(1))}`]);
  });

  it('takes no data packet that is longer than a buffer', () => {
    const { h4, seen } = parser();
    h4.push(fromHex('024000fc00'));
    expect(seen).toEqual(['lost']);
  });

  it('gives up half a packet whose sender was interrupted', () => {
    let now = 0;
    const { h4, seen } = parser(() => now);
    h4.push(fromHex('010b20070110'));
    now = 1_500;
    h4.push(RESET);
    expect(seen).toEqual(['command 030c00']);
  });

  it('takes any bytes, keeps few of them, and is never lost to a reset', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), (chunks) => {
        let now = 0;
        const { h4, seen } = parser(() => now);
        for (const chunk of chunks) h4.push(chunk);
        now = 2_000;
        h4.push(RESET);
        expect(seen.at(-1)).toBe('command 030c00');
      }),
    );
  });
});
