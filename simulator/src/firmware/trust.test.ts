import {
  deriveDeviceKey,
  MAX_PUT_BYTES,
  openPolicy,
  type PolicyDocument,
  type PolicyDraft,
  PrivateKey,
  readUnverifiedCertificate,
  signClock,
  signPolicy,
  toHex,
  TrustStore,
  wrapPolicy,
} from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import { GATEWAY, SITE } from '../test-support/gateway.js';
import { Bench, PUNCH } from '../test-support/reader.js';
import { Refusal } from './refusal.js';
import { MAX_MARKS, TrustPage } from './trust-page.js';
import { NorFlash, PowerCut, SECTOR_BYTES } from './flash.js';
import { STATE_SECTORS } from './state-page.js';

const NOW = Math.floor(Date.now() / 1_000);
const HOUR = 3_600;

function outcome(action: () => void): string {
  try {
    action();
    return 'taken';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

/** What becomes of a time that the site's gateway gives. */
const given = (bench: Bench, wall: number): string =>
  outcome(() => {
    bench.introduce(wall);
  });

describe('the time floor of a device', () => {
  it('is the latest time it was given, less two minutes, and outlasts its power', () => {
    const bench = new Bench();
    expect(given(bench, NOW)).toBe('taken');
    bench.reader.reboot();
    expect(given(bench, NOW - 121)).toBe('notTrusted');
    expect(given(bench, NOW - 120)).toBe('taken');
    const again = new Bench({ issuerKey: bench.issuerKey, key: bench.key, flash: bench.device.flash });
    expect(again.reader.clock.time()).toEqual({ quality: 'unset' });
    expect(
      outcome(() => {
        again.reader.hello(bench.gateway.certificate);
      }),
    ).toBe('taken');
    const nonce = again.reader.clockNonce();
    const late = bench.gateway.clock('reader-1', nonce, { wall: NOW - HOUR });
    expect(
      outcome(() => {
        again.reader.setClock(late);
      }),
    ).toBe('notTrusted');
  });

  it('is the beginning of a gateway’s certificate before any time was given', () => {
    const bench = new Bench();
    const { notBefore } = readUnverifiedCertificate(bench.gateway.certificate);
    expect(given(bench, notBefore - 1)).toBe('notTrusted');
    expect(given(bench, notBefore)).toBe('taken');
  });

  it('does not spend the nonce on a time that is refused, and a gateway without a time is introduced', () => {
    const bench = new Bench();
    bench.introduce(NOW);
    bench.reader.linkDropped();
    const nonce = bench.reader.clockNonce();
    expect(
      outcome(() => {
        bench.reader.setClock(bench.gateway.clock('reader-1', nonce, { wall: 1_000 }));
      }),
    ).toBe('notTrusted');
    bench.reader.setClock(bench.gateway.clock('reader-1', nonce));
    expect(
      outcome(() => {
        bench.reader.feedback({ seq: 1, outcome: 'accepted' });
      }),
    ).toBe('taken');
  });

  it('is not pushed far ahead: no gateway gives a time that its own certificate does not reach', () => {
    const bench = new Bench();
    const { expires } = readUnverifiedCertificate(bench.gateway.certificate);
    expect(given(bench, expires)).toBe('notTrusted');
    expect(given(bench, NOW)).toBe('taken');
  });
});

describe('policy on a device', () => {
  const catalogue = (price: number): PolicyDraft => ({ type: 'catalogue', body: new Map([[7, price]]) });
  const taken = (bench: Bench, number: number, draft = catalogue(30), by = bench.issuerKey): string =>
    outcome(() => {
      bench.reader.inbox.takePolicy(signPolicy(by, { number, issued: NOW, site: SITE }, draft));
    });

  it('never goes back, not over a restart either', () => {
    const bench = new Bench();
    expect([taken(bench, 2), taken(bench, 2), taken(bench, 1)]).toEqual(['taken', 'taken', 'notTrusted']);
    bench.reader.reboot();
    expect([taken(bench, 1), taken(bench, 2, catalogue(60)), taken(bench, 3, catalogue(60))]).toEqual([
      'notTrusted',
      'notTrusted',
      'taken',
    ]);
  });

  it('is taken from the device’s own issuer only', () => {
    expect(taken(new Bench(), 1, catalogue(30), PrivateKey.generate())).toBe('notTrusted');
  });

  it('that revokes a gateway makes the device forget it, and take it no more', () => {
    const bench = new Bench();
    bench.reader.tap(PUNCH);
    bench.introduce(NOW);
    bench.seal(1);
    const { thumbprint } = readUnverifiedCertificate(bench.gateway.certificate);
    expect(taken(bench, 1, { type: 'revocations', revocations: [{ thumbprint, at: NOW - HOUR }] })).toBe(
      'taken',
    );
    const ack = bench.gateway.ack(bench.reader.identity().logId, 1, bench.hashAt(1));
    expect(
      outcome(() => {
        bench.reader.ack(ack);
      }),
    ).toBe('unknownGateway');
    expect(
      outcome(() => {
        bench.reader.hello(bench.gateway.certificate);
      }),
    ).toBe('notTrusted');
  });

  it('comes to a device that only MACs from its gateway, under its own key', () => {
    const key = deriveDeviceKey(new Uint8Array(32), { site: SITE, device: 'reader-1' }, 1);
    const other = deriveDeviceKey(new Uint8Array(32), { site: SITE, device: 'reader-2' }, 1);
    const bench = new Bench({ key });
    const signed = signPolicy(bench.issuerKey, { number: 1, issued: NOW, site: SITE }, catalogue(30));
    const document = openPolicy(signed, new TrustStore([bench.issuerKey.publicKey]), { site: SITE });
    const take = (bytes: Uint8Array): string =>
      outcome(() => {
        bench.reader.inbox.takePolicy(bytes);
      });
    expect([signed, wrapPolicy(other, document), wrapPolicy(key, document)].map(take)).toEqual([
      'notTrusted',
      'notTrusted',
      'taken',
    ]);
    const clock = {
      device: 'reader-1',
      nonce: bench.reader.clockNonce(),
      wall: NOW,
      site: SITE,
      gateway: GATEWAY,
    };
    bench.reader.setClock(signClock(key, clock));
    expect(bench.reader.clock.time()).toMatchObject({ quality: 'set', wall: NOW });
  });
});

describe('the page of trust', () => {
  const documentOf = (draft: PolicyDraft): PolicyDocument => {
    const key = PrivateKey.generate();
    const signed = signPolicy(key, { number: 1, issued: NOW, site: SITE }, draft);
    return openPolicy(signed, new TrustStore([key.publicKey]), { site: SITE });
  };
  const revocations = (length: number): PolicyDocument =>
    documentOf({
      type: 'revocations',
      revocations: Array.from({ length }, (_, i) => ({ thumbprint: new Uint8Array(32).fill(i), at: NOW })),
    });

  it('holds as many marks as it says, with the largest numbers, beside the longest documents', () => {
    const flash = new NorFlash(STATE_SECTORS + 3);
    const marks = Array.from({ length: MAX_MARKS }, (_, i) => ({
      ...{ signer: new Uint8Array(8).fill(i), type: 'primary' as const, number: 0xffff_ffff },
      digest: new Uint8Array(16).fill(i),
    }));
    const page = new TrustPage(flash);
    page.issuedAt(0xffff_ffff);
    const longest = { ...revocations(1), bytes: new Uint8Array(MAX_PUT_BYTES).fill(5) };
    const keys = { ...documentOf({ type: 'keys', certificates: [] }), bytes: new Uint8Array(MAX_PUT_BYTES) };
    for (let i = 0; i < 20; i++) {
      page.keep(marks, longest);
      page.keep(marks, keys);
    }
    const after = new TrustPage(flash);
    expect(after.timeFloor).toBe(0xffff_ffff);
    expect(after.marks).toHaveLength(MAX_MARKS);
    expect(after.marks.at(-1)).toMatchObject({ type: 'primary', number: 0xffff_ffff });
    expect(after.documents.map(toHex)).toEqual([longest, keys].map(({ bytes }) => toHex(bytes)));
  });

  it('keeps the list before when the power fails while a new one is written, wherever it fails', () => {
    const [before, next] = [revocations(3), revocations(5)];
    const written = before.bytes.length + next.bytes.length;
    let failures = 0;
    for (let cut = 0; cut < 2 * SECTOR_BYTES + written; cut += 37) {
      const flash = new NorFlash(STATE_SECTORS + 3);
      const page = new TrustPage(flash);
      page.keep([], before);
      flash.cutAfter(cut);
      let kept = next;
      try {
        page.keep([], next);
      } catch (error) {
        expect(error).toBeInstanceOf(PowerCut);
        kept = before;
        failures++;
      }
      flash.powerUp();
      expect(new TrustPage(flash).documents.map(toHex)).toEqual([toHex(kept.bytes)]);
    }
    expect(failures).toBeGreaterThan(50);
  });
});
