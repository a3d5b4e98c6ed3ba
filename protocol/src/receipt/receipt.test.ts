import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { decodeStrict, encode, type CborValue } from '../cbor/index.js';
import { keyId } from '../cose/index.js';
import { TrustStore } from '../cwt/index.js';
import { eventHash } from '../event/index.js';
import { RevocationList } from '../policy/index.js';
import { codeOf, keyOf } from '../test-support/index.js';
import { inclusionReceipt, signHead } from './head.js';
import { decodeReceipt, encodeReceipt, MAX_RECEIPT_BYTES, verifyReceipt } from './receipt.js';
import {
  certificate,
  eventAt,
  GATEWAY,
  ISSUED,
  issue,
  issuer,
  key,
  SITE,
  SomeLog,
  trust,
} from './receipt.test.support.js';
import { describeReceipt } from './report.js';
import { receiptFromText, receiptToText } from './text.js';

const log = new SomeLog(21);
const good = log.portable(5, 21);
const verdict = (bytes: Uint8Array, by = trust): string =>
  codeOf(() => verifyReceipt(bytes, { trust: by, site: SITE }));
const parts = decodeReceipt(good);

/** The receipt of a log with one event. */
function receiptOf(event: Uint8Array, claims: object = {}, certificateBytes = certificate.bytes): Uint8Array {
  const head = { site: SITE, gateway: GATEWAY, epoch: 1, size: 1, issued: ISSUED, root: eventHash(event) };
  const receipt = inclusionReceipt(signHead(key, { ...head, ...claims }), {
    ...{ treeSize: 1, leafIndex: 0, path: [] },
  });
  return encodeReceipt({ event, receipt, certificate: certificateBytes });
}

describe('a portable receipt', () => {
  it('is verified with the issuer alone, for every event under every head', () => {
    for (const size of [1, 2, 8, 13, 21]) {
      for (let seq = 1; seq <= size; seq++) {
        const { event, head } = verifyReceipt(log.portable(seq, size), { trust, site: SITE });
        expect([event.seq, head.size]).toEqual([seq, size]);
      }
    }
  });

  it('says who, where, when, for how long and how well proven', () => {
    const report = describeReceipt(verifyReceipt(good, { trust, site: SITE }));
    expect(report).toEqual({
      ...{ site: SITE, gateway: GATEWAY, device: 'reader-1', type: 'punch', band: 'tag-04010203' },
      ...{ direction: 'out', service: 101, minutes: 25, evidence: 0, vouched: null },
      ...{ earliest: ISSUED - 300, latest: ISSUED - 290, recorded: ISSUED - 280 },
      position: { epoch: 1, seq: 5, hash: toHex(eventHash(parts.event)) },
      head: { size: 21, root: toHex(log.claims(21).root), issued: ISSUED },
      signer: { issuer: 'dahaiyang-issuer', notBefore: ISSUED - 1_000, expires: ISSUED + 1_000 },
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('says where nobody but the gateway could check the word of the device', () => {
    const event = eventAt(1, new Uint8Array(32), { vouched: 'gateway' });
    const report = describeReceipt(verifyReceipt(receiptOf(event), { trust, site: SITE }));
    expect(report.vouched).toBe('gateway');
  });

  it('of a record that this version cannot read is good and says what it can', () => {
    const event = eventAt(1, new Uint8Array(32), {
      ...{ record: Uint8Array.of(0xff), type: 'other', band: undefined, minutes: undefined },
      time: { latest: ISSUED },
    });
    expect(describeReceipt(verifyReceipt(receiptOf(event), { trust, site: SITE }))).toMatchObject({
      ...{ type: 'other', band: null, direction: null, service: null, minutes: null, earliest: null },
    });
  });

  it('is refused with any flipped bit', () => {
    for (let i = 0; i < good.length; i++) {
      const flipped = good.map((byte, at) => (at === i ? byte ^ (1 << (i % 8)) : byte));
      expect(verdict(flipped)).toMatch(/^(receipt|cert)\//);
    }
  });

  it('is refused for the event of another receipt, which cannot inflate its minutes either', () => {
    const { receipt } = parts;
    const other = log.events[5] ?? new Uint8Array();
    expect(verdict(encodeReceipt({ ...parts, event: other }))).toBe('receipt/proof');
    const inflated = new SomeLog(5, { minutes: 500 }).events[4] ?? new Uint8Array();
    expect(verdict(encodeReceipt({ ...parts, event: inflated }))).toBe('receipt/signature');
    const place = eventAt(6, new Uint8Array(32));
    expect(verdict(encodeReceipt({ ...parts, receipt, event: place }))).toBe('receipt/proof');
  });

  it('is refused when proof and head are of different places, sizes or logs', () => {
    const event = eventAt(1, new Uint8Array(32));
    expect(verdict(receiptOf(event))).toBe('accepted');
    expect(verdict(receiptOf(event, { size: 2 }))).toBe('receipt/proof');
    expect(verdict(receiptOf(event, { epoch: 2 }))).toBe('receipt/proof');
    expect(verdict(receiptOf(eventAt(2, new Uint8Array(32))))).toBe('receipt/proof');
    expect(verdict(receiptOf(eventAt(1, new Uint8Array(32), { gateway: 'gw-2' })))).toBe('receipt/proof');
    expect(verdict(receiptOf(eventAt(1, new Uint8Array(32), { site: 'x' })))).toBe('receipt/proof');
  });

  it('is refused from who is no gateway of the site: another issuer, role, site or time', () => {
    const event = eventAt(1, new Uint8Array(32));
    expect(verdict(good, new TrustStore([keyOf('other issuer').publicKey]))).toBe('cert/untrusted-issuer');
    expect(verdict(receiptOf(event, {}, issue(GATEWAY, 'reader', key)))).toBe('cert/role');
    expect(verdict(receiptOf(event, {}, issue(GATEWAY, 'gateway', key, keyOf('thief'))))).toBe(
      'cert/untrusted-issuer',
    );
    expect(codeOf(() => verifyReceipt(good, { trust, site: 'elsewhere' }))).toBe('cert/site');
    expect(verdict(receiptOf(event, { issued: ISSUED + 1_000 }))).toBe('cert/expired');
    expect(verdict(receiptOf(event, { issued: ISSUED - 1_001 }))).toBe('cert/not-yet-valid');
    expect(verdict(receiptOf(event, {}, issue('gw-2', 'gateway', key)))).toBe('receipt/signature');
  });

  it('under a key that was lost is refused, since its finder can date a head back; not when it was replaced', () => {
    const after = (reason: 'lost' | 'compromised' | 'replaced' | 'retired'): string => {
      const knowing = new TrustStore([issuer.publicKey]);
      const { thumbprint } = certificate;
      knowing.revoke(keyId(issuer.publicKey), new RevocationList([{ thumbprint, at: ISSUED + 50, reason }]));
      return verdict(good, knowing);
    };
    expect(after('lost')).toBe('cert/revoked');
    expect(after('compromised')).toBe('cert/revoked');
    expect(after('replaced')).toBe('accepted');
    expect(after('retired')).toBe('accepted');
  });

  it('without its certificate is compact, and needs the certificate from elsewhere', () => {
    const compact = encodeReceipt({ ...parts, certificate: undefined });
    expect(good.length - compact.length).toBe(certificate.bytes.length + 2);
    expect(verdict(compact)).toBe('receipt/shape');
    const known = { trust, site: SITE, certificate: certificate.bytes };
    expect(verifyReceipt(compact, known).event.seq).toBe(5);
  });

  it.each<[string, CborValue]>([
    ['a number', 1],
    ['a map', new Map()],
    ['an array of nothing', []],
    ['another label', ['tb-commit', 1, parts.event, parts.receipt]],
    ['a later version', ['tb-receipt', 2, parts.event, parts.receipt]],
    ['an event that is no bytes', ['tb-receipt', 1, 'x', parts.receipt]],
    ['no proof', ['tb-receipt', 1, parts.event]],
    ['a certificate that is text', ['tb-receipt', 1, parts.event, parts.receipt, 'x']],
    ['something after the certificate', [...(decodeStrict(good) as CborValue[]), 1]],
    ['a proof that is no COSE', ['tb-receipt', 1, parts.event, parts.event]],
    ['an event that is none', ['tb-receipt', 1, encode(1), parts.receipt, certificate.bytes]],
    ['more than a receipt has', ['tb-receipt', 1, new Uint8Array(MAX_RECEIPT_BYTES), parts.receipt]],
  ])('is refused when it is %s', (_, value) => {
    expect(verdict(encode(value))).toBe('receipt/shape');
  });

  it('of any bytes at all ends in a verdict', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(verdict(bytes)).toMatch(/^(receipt|cert)\//);
      }),
    );
  });
});

describe('the text of a receipt', () => {
  it('gives back the receipt, whatever lines it was broken into', () => {
    const text = receiptToText(good);
    expect(text.startsWith('TB1:')).toBe(true);
    expect([...receiptFromText(text)]).toEqual([...good]);
    expect([...receiptFromText(`  ${text.replaceAll(/.{60}/g, '$&\r\n')}\n`)]).toEqual([...good]);
  });

  it.each(['', 'TB2:BB8', 'tb1:BB8', 'BB8', 'TB1:bb8', `TB1:${'0'.repeat(40_000)}`])(
    'is refused when it is none: %.12s',
    (text) => {
      expect(codeOf(() => receiptFromText(text))).toBe('receipt/shape');
    },
  );
});
