import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { chainHash, genesisHash, logIdOf, type Genesis } from './chain.js';

const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const first: Genesis = {
  site: 'dahaiyang',
  device: 'reader-1',
  thumbprint: new Uint8Array(32).fill(1),
  epoch: 1,
};
const second: Genesis = {
  ...first,
  epoch: 2,
  previous: { logId: logIdOf(genesisHash(first)), seq: 9, head: new Uint8Array(32).fill(3) },
};

describe('a log', () => {
  it('begins with the hash of who keeps it', () => {
    const preimage = encode(['tb-log', 1, 'dahaiyang', 'reader-1', first.thumbprint, 1, null, null, null]);
    expect(toHex(genesisHash(first))).toBe(toHex(hash(preimage)));
    expect(toHex(logIdOf(genesisHash(first)))).toBe(toHex(hash(preimage)).slice(0, 32));
  });

  it('names the log that it continues in a later epoch', () => {
    const { logId = null, seq = null, head = null } = second.previous ?? {};
    const preimage = encode(['tb-log', 1, 'dahaiyang', 'reader-1', first.thumbprint, 2, logId, seq, head]);
    expect(toHex(genesisHash(second))).toBe(toHex(hash(preimage)));
  });

  it('has an id of its own for every site, device, key, epoch and predecessor', () => {
    const variants: Genesis[] = [
      first,
      second,
      { ...first, site: 'xiaohaiyang' },
      { ...first, device: 'reader-2' },
      { ...first, thumbprint: new Uint8Array(32) },
      { ...first, epoch: 2 },
      { ...second, previous: { logId: new Uint8Array(16), seq: 9, head: new Uint8Array(32).fill(3) } },
    ];
    expect(new Set(variants.map((genesis) => toHex(logIdOf(genesisHash(genesis))))).size).toBe(
      variants.length,
    );
  });

  it('chains the hash of each record to the hash before', () => {
    const before = genesisHash(first);
    const record = new TextEncoder().encode('a record');
    expect(toHex(chainHash(before, record))).toBe(toHex(hash(concat(before, hash(record)))));
  });

  it('gives a new array each time, although it works in one buffer', () => {
    const before = genesisHash(first);
    const one = chainHash(before, Uint8Array.of(1));
    const kept = toHex(one);
    chainHash(before, Uint8Array.of(2));
    expect(toHex(one)).toBe(kept);
  });
});
