/** The receipt that a band is given of what its wearer did last. */
import {
  decodeEvent,
  decodeReceipt,
  encodeReceipt,
  type NewPunch,
  TrustStore,
  verifyReceipt,
} from '@timeband/protocol';
import type { SimulatedReader } from '@timeband/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SITE } from './support/centre.js';
import { PolicyBox, punch } from './support/policy-box.js';

describe('the receipt of a band', () => {
  let box: PolicyBox;
  beforeEach(() => {
    box = new PolicyBox();
  });
  afterEach(() => box.close());

  const nonce = new Uint8Array(16).fill(9);
  const own = (n: number): NewPunch => ({
    ...punch(n),
    proof: { kind: 'own', nonce: nonce.map((byte) => byte + n), challenger: 'reader-1' },
  });
  const receipts = ({ reader: band }: SimulatedReader) => band.inbox.receipts.map(decodeReceipt);

  it('is that of the newest act that was acknowledged, in its compact form', async () => {
    const band = box.device({ id: 'band-7', role: 'band' });
    box.plug(band);
    await box.pass(3);
    expect(receipts(band)).toEqual([]);
    band.reader.tap(own(0));
    band.reader.tap(own(1));
    await box.pass(4);
    expect(band.reader.identity().acked).toBe(3);
    expect(receipts(band)).toHaveLength(1);
    const [receipt] = receipts(band);
    expect(receipt?.certificate).toBeUndefined();
    expect(receipt && decodeEvent(receipt.event)).toMatchObject({ device: 'band-7', logSeq: 3 });
    const portable = receipt && encodeReceipt({ ...receipt, certificate: box.certificate.bytes });
    const trust = new TrustStore([box.issuerKey.publicKey]);
    expect(verifyReceipt(portable ?? nonce, { trust, site: SITE }).event.type).toBe('punch');
    for (let n = 2; n < 9; n++) {
      band.reader.tap(own(n));
      await box.pass(4);
    }
    expect(receipts(band).map(({ event }) => decodeEvent(event).logSeq)).toEqual([7, 8, 9, 10]);
    expect([...box.codes()]).toEqual(['evidence/uncorroborated']);
  });

  it('is not given to a reader, whose taps are of many people', async () => {
    const device = box.device();
    box.plug(device);
    await box.pass(3);
    device.reader.tap(punch(0));
    await box.pass(4);
    expect(device.reader.inbox.receipts).toEqual([]);
  });
});
