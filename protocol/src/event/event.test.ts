import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { decodeStrict, encode, entries, type CborValue } from '../cbor/index.js';
import { sha256 } from '../crypto/index.js';
import { codeOf, id, uint32 } from '../test-support/index.js';
import { decodeEvent, encodeEvent, eventGenesis, type Event } from './event.js';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const optional = fc.option(uint32, { nil: undefined });

const anyEvent: fc.Arbitrary<Event> = fc.record({
  ...{ site: id, gateway: id, epoch: uint32, seq: uint32, previous: hash, type: id, device: id },
  logId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  ...{ logSeq: uint32, logPrevious: hash, record: fc.uint8Array({ maxLength: 100 }), sealId: hash },
  evidence: fc.constantFrom(0, 1, 2),
  time: fc.record({ earliest: optional, latest: uint32 }),
  recorded: uint32,
  band: fc.option(id, { nil: undefined }),
  minutes: optional,
});

/** Byte strings as hex, so that views of different classes compare equal. */
function readable(event: Event): unknown {
  const entriesOf = Object.entries(event) as [string, unknown][];
  return Object.fromEntries(
    entriesOf.map(([name, value]) => [name, value instanceof Uint8Array ? toHex(value) : value]),
  );
}

/** The fields of an event that has them all. */
function fieldsOfSome(): [number, CborValue][] {
  const whole = anyEvent.filter(
    ({ band, minutes, time }) => ![band, minutes, time.earliest].includes(undefined),
  );
  return fc
    .sample(whole, { numRuns: 1, seed: 1 })
    .flatMap((event) => [...(decodeStrict(encodeEvent(event)) as ReadonlyMap<number, CborValue>)]);
}

describe('an event', () => {
  it('comes back the same', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(readable(decodeEvent(encodeEvent(event)))).toEqual(readable(event));
      }),
    );
  });

  it('is refused without a field that it must have, and for a hash of the wrong length', () => {
    const fields = fieldsOfSome();
    const optionalFields = new Set([14, 17, 18]);
    for (const [left] of fields) {
      const without = encode(entries(...fields.filter(([key]) => key !== left)));
      expect(codeOf(() => decodeEvent(without))).toBe(optionalFields.has(left) ? 'accepted' : 'cbor/shape');
    }
    const short = fields.map(([key, value]) => [key, key === 5 ? new Uint8Array(31) : value] as const);
    expect(codeOf(() => decodeEvent(encode(entries(...short))))).toBe('cbor/shape');
  });

  it('counts a tier of evidence from a later version as the strongest known', () => {
    const later = encode(
      entries(...fieldsOfSome().map(([key, value]) => [key, key === 13 ? 9 : value] as const)),
    );
    expect(decodeEvent(later).evidence).toBe(2);
  });
});

describe('the event log', () => {
  it('begins with the hash of who keeps it', () => {
    const thumbprint = new Uint8Array(32).fill(1);
    const preimage = encode(['tb-events', 1, 'dahaiyang', 'gw-1', thumbprint, 3]);
    expect(toHex(eventGenesis('dahaiyang', 'gw-1', thumbprint, 3))).toBe(toHex(sha256(preimage)));
  });
});
