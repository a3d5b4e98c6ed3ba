import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { codeOf, keyOf } from '../test-support/index.js';
import { chainHash } from './chain.js';
import { decodeRecordProof, proveRecord, verifyRecordProof, type RecordProof } from './record-proof.js';
import { signSeal } from './seal.js';

const key = keyOf('reader');
const site = 'dahaiyang';
const certificate = new TextEncoder().encode('a certificate');
const records = ['first', 'second', 'third', 'fourth'].map((text) => new TextEncoder().encode(text));
const at = (i: number): Uint8Array => records[i] ?? new Uint8Array();

/** `h(0)` to `h(4)`, the log beginning at record 1. */
const hashes: Uint8Array[] = [new Uint8Array(32).fill(9)];
for (const record of records) hashes.push(chainHash(hashes.at(-1) ?? record, record));
const hashAt = (i: number): Uint8Array => hashes[i] ?? new Uint8Array();

/** A seal over the records 2 to 4. */
const seal = signSeal(key, site, {
  ...{ logId: new Uint8Array(16), first: 2, last: 4, hashBefore: hashAt(1), hashLast: hashAt(4) },
  ...{ nonce: new Uint8Array(16), boot: 1, uptime: 9, time: { quality: 'unset' } },
});
const prove = (seq: number): Uint8Array =>
  proveRecord({ seq, previous: hashAt(seq - 1), record: at(seq - 1), seal, certificate }, records.slice(seq));
const verdict = (proof: RecordProof): string => codeOf(() => verifyRecordProof(proof, key.publicKey, site));

describe('a proof of one record', () => {
  it.each([2, 3, 4])('shows that the device signed record %d', (seq) => {
    const proof = decodeRecordProof(prove(seq));
    expect([proof.seq, toHex(proof.record)]).toEqual([seq, toHex(at(seq - 1))]);
    expect(verifyRecordProof(proof, key.publicKey, site).last).toBe(4);
  });

  it('discloses no other record', () => {
    const text = new TextDecoder('latin1').decode(prove(2));
    expect(text).toContain('second');
    expect(text).not.toMatch(/first|third|fourth/);
  });

  it('is refused for a record that was changed, and for one in another place', () => {
    const proof = decodeRecordProof(prove(3));
    expect(verdict({ ...proof, record: new TextEncoder().encode('thirD') })).toBe('log/mismatch');
    expect(verdict({ ...proof, previous: hashAt(1) })).toBe('log/mismatch');
    expect(verdict({ ...proof, seq: 2 })).toBe('seal/range');
    expect(verdict({ ...proof, later: new Uint8Array() })).toBe('seal/range');
    expect(verdict({ ...proof, later: new Uint8Array(32) })).toBe('log/mismatch');
  });

  it('is refused for a record that was acknowledged before the seal began', () => {
    const proof = decodeRecordProof(prove(1));
    expect(verdict(proof)).toBe('seal/range');
  });

  it('is refused under another key', () => {
    const proof = decodeRecordProof(prove(3));
    expect(codeOf(() => verifyRecordProof(proof, keyOf('another').publicKey, site))).toBe('seal/signature');
  });

  it.each([
    ['another label', ['tb-receipt', 1, 2, hashAt(1), at(1), new Uint8Array(), seal, certificate]],
    ['a later version', ['tb-proof', 2, 2, hashAt(1), at(1), new Uint8Array(), seal, certificate]],
    ['half a hash', ['tb-proof', 1, 2, hashAt(1), at(1), new Uint8Array(16), seal, certificate]],
    ['a part missing', ['tb-proof', 1, 2, hashAt(1), at(1), new Uint8Array(), seal]],
    ['a number for a list', 7],
  ])('is nothing with %s', (_, parts) => {
    expect(codeOf(() => decodeRecordProof(encode(parts)))).toBe('log/proof');
  });
});
