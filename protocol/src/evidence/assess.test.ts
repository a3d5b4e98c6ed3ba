import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { entries } from '../cbor/index.js';
import { ALG, PrivateKey } from '../crypto/index.js';
import { keyId } from '../cose/index.js';
import { deriveDeviceKey } from '../keys/index.js';
import { attestBody } from '../records/attest.js';
import { KIND } from '../records/kinds.js';
import { punchBody } from '../records/punch.js';
import { keyOf, seedOf } from '../test-support/index.js';
import { actId } from './act.js';
import { signAnswer, type Answer } from './answer.js';
import { assess, type Assessment, type EvidenceContext } from './assess.js';
import { signStatement, type BandKey } from './attestation.js';
import type { CounterUse } from './counters.js';
import type { KnownProof } from './proof.js';
import { encodeStatement, type VisitStatement } from './statement.js';
import { makeEncryptedSun, makeSun } from './sun.js';
import { tagFileReadKey } from './tag-keys.js';

const SITE = 'dahaiyang';
const master = seedOf('tags').subarray(0, 16);
const metaReadKey = seedOf('meta').subarray(0, 16);
const uid = fromHex('04a1b2c3d4e5f6');
const tagKey = tagFileReadKey(master, SITE, uid);
const band = keyOf('band-7');
const other = keyOf('band-8');
const small = deriveDeviceKey(seedOf('master'), { site: SITE, device: 'band-9' }, 1);
const nonce = seedOf('nonce').subarray(0, 16);

/** A site's memory, as a gateway keeps it. */
class Site {
  private readonly counters = new Map<string, CounterUse[]>();
  private readonly acts = new Map<string, string>();
  private readonly bands = new Map<string, BandKey>([
    [toHex(keyId(band.publicKey)), { band: 'band-7', key: band.publicKey }],
    [toHex(keyId(other.publicKey)), { band: 'band-8', key: other.publicKey }],
    [toHex(small.kid), { band: 'band-9', key: small }],
  ]);

  /** Assesses and remembers; `at` is Unix seconds. */
  take(kind: number, body: ReturnType<typeof punchBody>, at: number, changed: Partial<EvidenceContext> = {}) {
    const time = { earliest: at, latest: at + 2 };
    const context: EvidenceContext = {
      ...{ site: SITE, device: 'reader-1', isBand: () => false, time, metaReadKey },
      tagKey: (asked) => (toHex(asked) === toHex(uid) ? tagKey : undefined),
      bandKey: (kid) => this.bands.get(toHex(kid)),
      counters: (subject, value) => {
        const uses = (this.counters.get(subject) ?? []).sort((a, b) => a.value - b.value);
        return {
          below: uses.filter((use) => use.value <= value).at(-1),
          above: uses.find((use) => use.value > value),
        };
      },
      actSeen: (act) => {
        const log = this.acts.get(toHex(act));
        return log === undefined ? undefined : log === context.device ? 'here' : 'elsewhere';
      },
      ...changed,
    };
    const found = assess({ kind, body }, context);
    if (found.counter !== undefined) {
      const { subject, value } = found.counter;
      this.counters.set(subject, [...(this.counters.get(subject) ?? []), { value, time: context.time }]);
    }
    if (found.act !== undefined && found.evidence === 2 && found.isCopy !== true) {
      this.acts.set(toHex(found.act), context.device);
    }
    return found;
  }

  punch(proof: KnownProof, at = 1_800_000_000, changed: Partial<EvidenceContext> = {}): Assessment {
    return this.take(KIND.punch, punchBody({ direction: 'in', service: 101, proof }), at, changed);
  }
}

const verdict = ({ evidence, band: who, doubt }: Assessment) => [evidence, who, doubt?.code];

const answer = (changed: Partial<Answer> = {}): Answer => ({
  ...{ what: 'punch', nonce, challenger: 'reader-1', service: 101, direction: 'in' },
  ...{ counter: 5, sincePress: 2 },
  ...changed,
});
const answered = (changed: Partial<Answer> = {}, key: PrivateKey = band, site = SITE): KnownProof => ({
  kind: 'answer',
  message: signAnswer(key, site, answer(changed)),
});

describe('a punch by a tag', () => {
  it('whose UID is all there is has tier 0: a copied UID proves nothing', () => {
    expect(verdict(new Site().punch({ kind: 'uid', uid }))).toEqual([0, 'tag-04a1b2c3d4e5f6', undefined]);
  });

  it('that shows its counter and MAC has tier 1, in the clear and encrypted', () => {
    const site = new Site();
    const plain = makeSun(tagKey, { uid, counter: 1 });
    expect(verdict(site.punch(plain))).toEqual([1, 'tag-04a1b2c3d4e5f6', undefined]);
    const hidden = makeEncryptedSun(tagKey, metaReadKey, { uid, counter: 2 }, new Uint8Array(5));
    expect(verdict(site.punch(hidden))).toEqual([1, 'tag-04a1b2c3d4e5f6', undefined]);
  });

  it('that replays a message has tier 0, at whatever reader', () => {
    const site = new Site();
    const sun = makeSun(tagKey, { uid, counter: 9 });
    site.punch(sun);
    expect(verdict(site.punch(sun))).toEqual([0, 'tag-04a1b2c3d4e5f6', 'evidence/replay']);
    expect(site.punch(sun, 1_800_000_900, { device: 'reader-2' }).doubt?.code).toBe('evidence/replay');
  });

  it('that uses a message harvested before a genuine tap has tier 0', () => {
    const site = new Site();
    const harvested = makeSun(tagKey, { uid, counter: 10 });
    expect(site.punch(makeSun(tagKey, { uid, counter: 11 }), 1_800_000_000).evidence).toBe(1);
    expect(site.punch(harvested, 1_800_000_100).doubt?.code).toBe('evidence/replay');
  });

  it('whose log arrives late keeps its tier: the order of the taps counts, not that of arrival', () => {
    const site = new Site();
    expect(site.punch(makeSun(tagKey, { uid, counter: 21 }), 1_800_000_600).evidence).toBe(1);
    const late = makeSun(tagKey, { uid, counter: 20 });
    expect(site.punch(late, 1_800_000_000, { device: 'reader-2' }).evidence).toBe(1);
  });

  it('has tier 0 with a MAC that does not hold, and where its key is not known', () => {
    const site = new Site();
    const forged = makeSun(metaReadKey, { uid, counter: 1 });
    expect(verdict(site.punch(forged))).toEqual([0, 'tag-04a1b2c3d4e5f6', 'evidence/proof']);
    const stranger = makeSun(tagKey, { uid: fromHex('04ffffffffffff'), counter: 1 });
    expect(site.punch(stranger).doubt?.code).toBe('evidence/unknown-key');
    const foreign = makeEncryptedSun(tagKey, tagKey, { uid, counter: 2 }, new Uint8Array(5));
    expect(verdict(site.punch(foreign))).toEqual([0, undefined, 'evidence/proof']);
    const hidden = makeEncryptedSun(tagKey, metaReadKey, { uid, counter: 3 }, new Uint8Array(5));
    const without = site.punch(hidden, 1_800_000_000, { metaReadKey: undefined });
    expect(without.doubt?.code).toBe('evidence/unknown-key');
  });
});

describe('a punch by a band’s answer', () => {
  it('has tier 2, by signature and by MAC, and an act of band and reader', () => {
    const site = new Site();
    const found = site.punch(answered());
    expect(verdict(found)).toEqual([2, 'band-7', undefined]);
    expect(found.act).toEqual(actId(nonce, 'reader-1', 'band-7'));
    const es256 = PrivateKey.generate(ALG.ES256);
    const bandKey = () => ({ band: 'band-10', key: es256.publicKey });
    expect(site.punch(answered({}, es256), 1_800_000_000, { bandKey }).evidence).toBe(2);
    const mac: KnownProof = { kind: 'answer', message: signAnswer(small, SITE, answer()) };
    expect(verdict(site.punch(mac))).toEqual([2, 'band-9', undefined]);
  });

  it.each<[string, KnownProof, string]>([
    ['given to another reader', answered({ challenger: 'reader-2' }), 'evidence/mismatch'],
    ['for another service, by a band that colludes', answered({ service: 102 }), 'evidence/mismatch'],
    ['for the other direction', answered({ direction: 'out' }), 'evidence/mismatch'],
    ['for another purpose', answered({ what: 'redeem' }), 'evidence/mismatch'],
    ['at another site', answered({}, band, 'xiaohaiyang'), 'evidence/proof'],
    ['by a key that nobody certified', answered({}, keyOf('nobody')), 'evidence/unknown-key'],
    ['that is no COSE message', { kind: 'answer', message: new Uint8Array(9) }, 'evidence/proof'],
  ])('%s has tier 0', (_, proof, code) => {
    const found = new Site().punch(proof);
    expect([found.evidence, found.doubt?.code]).toEqual([0, code]);
  });

  it('after an old press, from far away, is not made by a band, and not taken', () => {
    expect(() => signAnswer(band, SITE, answer({ sincePress: 11 }))).toThrow(/between 0 and 10/);
  });

  it('that was given before has tier 0, in the same log and at the same reader after a reset', () => {
    const site = new Site();
    site.punch(answered());
    expect(verdict(site.punch(answered()))).toEqual([0, 'band-7', 'evidence/replay']);
    expect(site.punch(answered({ counter: 6 }), 1_800_000_010).doubt?.code).toBe('evidence/replay');
    expect(
      site.punch(answered({ counter: 4, nonce: seedOf('n').subarray(0, 16) }), 1_800_000_020),
    ).toMatchObject({
      evidence: 0,
      doubt: { code: 'evidence/replay' },
    });
  });
});

describe('one act in two logs', () => {
  const own: KnownProof = { kind: 'own', nonce, challenger: 'reader-1' };
  const inBand = { device: 'band-7', isBand: () => true };

  it('counts once: the band’s own punch corroborates the reader’s', () => {
    const site = new Site();
    const first = site.punch(answered());
    const second = site.punch(own, 1_800_000_000, inBand);
    expect([first.isCopy, second.isCopy, second.evidence]).toEqual([false, true, 2]);
    expect(second.act).toEqual(first.act);
  });

  it('counts with the reader’s copy alone: without it a band’s own word has tier 1', () => {
    const site = new Site();
    const alone = site.punch(own, 1_800_000_000, inBand);
    expect(verdict(alone)).toEqual([1, 'band-7', 'evidence/uncorroborated']);
    expect(site.punch(answered())).toMatchObject({ evidence: 2, isCopy: false });
  });

  it('is not a reader’s own word, nor a band’s with itself', () => {
    const site = new Site();
    expect(site.punch(own).doubt?.code).toBe('evidence/mismatch');
    const self: KnownProof = { ...own, challenger: 'band-7' };
    expect(site.punch(self, 1_800_000_000, inBand).doubt?.code).toBe('evidence/mismatch');
  });
});

describe('a visit', () => {
  const statement: VisitStatement = {
    ...{ nonce, provider: 'band-7', recipient: 'band-8', service: 401 },
    ...{ seconds: 3_000, minutes: 50, confirmedBy: 'recipient' },
  };
  const bytes = encodeStatement(statement);
  const word = (key: PrivateKey, said = bytes, site = SITE) => signStatement(key, site, said);
  const attest = (changed: Partial<Parameters<typeof attestBody>[0]> = {}) =>
    attestBody({ statement: bytes, provider: word(band), recipient: word(other), ...changed });
  const inLog = (device: string) => ({ device, isBand: () => true });

  it('that both bands attest has tier 2 in either log, and counts in the first', () => {
    const site = new Site();
    const first = site.take(KIND.attest, attest(), 1_800_000_000, inLog('band-8'));
    expect(verdict(first)).toEqual([2, 'band-7', undefined]);
    const second = site.take(KIND.attest, attest(), 1_800_000_000, inLog('band-7'));
    expect([first.isCopy, second.isCopy, second.evidence]).toEqual([false, true, 2]);
    const again = site.take(KIND.attest, attest(), 1_800_000_000, inLog('band-8'));
    expect([again.evidence, again.doubt?.code]).toEqual([0, 'evidence/replay']);
  });

  const longer = encodeStatement({ ...statement, seconds: 7_200, minutes: 120 });
  it.each<[string, ReturnType<typeof attest>, string]>([
    ['that the recipient never confirmed', attest({ recipient: word(band) }), 'evidence/mismatch'],
    ['whose minutes were inflated afterwards', attest({ statement: longer }), 'evidence/proof'],
    [
      'that the recipient confirmed at another length',
      attest({ recipient: word(other, longer) }),
      'evidence/proof',
    ],
    ['of another site', attest({ provider: word(band, bytes, 'xiaohaiyang') }), 'evidence/proof'],
    ['with a stranger', attest({ recipient: word(keyOf('nobody')) }), 'evidence/unknown-key'],
    ['that says nothing', attest({ statement: new Uint8Array(3) }), 'evidence/shape'],
  ])('%s has tier 0', (_, body, code) => {
    const found = new Site().take(KIND.attest, body, 1_800_000_000, inLog('band-7'));
    expect([found.evidence, found.doubt?.code]).toEqual([0, code]);
  });

  it('in a log of neither band has tier 0', () => {
    const found = new Site().take(KIND.attest, attest(), 1_800_000_000, inLog('reader-1'));
    expect(found.doubt?.code).toBe('evidence/mismatch');
  });

  it.each<[string, Partial<VisitStatement>]>([
    ['with oneself', { recipient: 'band-7' }],
    ['of more minutes than its seconds make', { minutes: 51 }],
  ])('%s cannot be stated', (_, changed) => {
    expect(() => encodeStatement({ ...statement, ...changed })).toThrow(
      expect.objectContaining({ code: 'evidence/shape' }),
    );
  });
});

describe('a record without a proof', () => {
  it('rests on the key of the device that sealed it', () => {
    expect(new Site().take(KIND.device, entries([1, 4]), 1_800_000_000)).toEqual({ evidence: 2 });
  });
});
