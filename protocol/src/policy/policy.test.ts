import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../bytes.js';
import { decodeStrict, encode, entries, Fields, type CborValue } from '../cbor/index.js';
import { decodeCose, externalAad, sign1 } from '../cose/index.js';
import { ALG, PrivateKey } from '../crypto/index.js';
import { issueCertificate, openRootCertificate, TrustStore } from '../cwt/index.js';
import { deriveDeviceKey } from '../keys/index.js';
import { codeOf, keyOf, seedOf, uint32 } from '../test-support/index.js';
import {
  openPolicy,
  encodeMarks,
  PolicyShelf,
  readMarks,
  readRevocations,
  RevocationList,
  revocationsBody,
  signPolicy,
  wrapPolicy,
  type PolicyDocument,
  type PolicyDraft,
  type RecordPlace,
  type Revocation,
} from './index.js';

const SITE = 'dahaiyang';
const CITY = 'yantai';
const NOW = 1_800_000_000;
const root = keyOf('root');
const issuer = keyOf('issuer');
const years = { notBefore: NOW - 1_000, expires: NOW + 1_000 };

const store = new TrustStore([
  openRootCertificate(
    issueCertificate(root, {
      ...{ issuer: CITY, subject: CITY, role: 'root', site: CITY, ...years, key: root.publicKey },
    }),
  ),
]);
const issuerBytes = issueCertificate(root, {
  ...{ issuer: CITY, subject: SITE, role: 'issuer', site: SITE, ...years, key: issuer.publicKey },
});
const { kid: issuerId } = store.addIssuer(issuerBytes);
const demand = { site: SITE, now: NOW };

const primary: PolicyDraft = { type: 'primary', gateway: 'gw-1', term: 4 };
const catalogue = (price: number): PolicyDraft => ({ type: 'catalogue', body: entries([7, price]) });
const signed = (number: number, draft: PolicyDraft = primary, by = issuer, site = SITE): Uint8Array =>
  signPolicy(by, { number, issued: NOW - 5, site }, draft);
const open = (bytes: Uint8Array): PolicyDocument => openPolicy(bytes, store, demand);
const verdict = (bytes: Uint8Array, changed = {}): string =>
  codeOf(() => openPolicy(bytes, store, { ...demand, ...changed }));
/** Signed by the issuer's key over what its software would never write. */
const odd = (fields: Partial<Record<number, CborValue>>): Uint8Array => {
  const all = { 1: 5, 2: 1, 3: NOW, 4: SITE, 5: entries([1, 'gw-1'], [2, 1]), ...fields };
  const payload = encode(
    entries(...Object.entries(all).map(([key, value]) => [Number(key), value] as const)),
  );
  return sign1(issuer, externalAad('policy', SITE), payload);
};

describe('a policy document', () => {
  it.each<[string, PolicyDraft, object]>([
    ['a primary', primary, { type: 'primary', gateway: 'gw-1', term: 4 }],
    ['a catalogue', catalogue(30), { type: 'catalogue', body: new Map([[7, 30]]) }],
    ['rules', { type: 'rules', body: entries([1, true]) }, { type: 'rules', body: new Map([[1, true]]) }],
  ])('comes back with what it says: %s', (_, draft, content) => {
    const document = open(signed(3, draft));
    expect(document).toMatchObject({ number: 3, issued: NOW - 5, site: SITE, content });
    expect(toHex(document.signer)).toBe(toHex(issuerId));
  });

  it('carries certificates of issuers as they are', () => {
    const { content } = open(signed(1, { type: 'keys', certificates: [issuerBytes] }));
    expect(content.type === 'keys' && content.certificates.map(toHex)).toEqual([toHex(issuerBytes)]);
  });

  it('is refused from a stranger, for another site, and from an issuer whose time is over', () => {
    expect(verdict(signed(1))).toBe('accepted');
    expect(verdict(signed(1, primary, keyOf('stranger')))).toBe('policy/refused');
    expect(verdict(signed(1, primary, issuer, 'xiaohaiyang'))).toBe('policy/refused');
    expect(verdict(signed(1), { site: 'xiaohaiyang' })).toBe('policy/refused');
    expect(verdict(signed(1), { now: NOW + 1_000 })).toBe('policy/refused');
  });

  it('of a root speaks of issuers, and does not run a site', () => {
    const list: PolicyDraft = { type: 'revocations', revocations: [] };
    expect(open(signed(1, list, root, CITY))).toMatchObject({ site: CITY });
    expect(verdict(signed(1, list, root, SITE))).toBe('policy/refused');
    expect(verdict(signed(1, primary, root, CITY))).toBe('policy/refused');
  });

  it('is not something else that the issuer signed', () => {
    expect(verdict(issuerBytes)).toBe('policy/refused');
    expect(verdict(sign1(issuer, externalAad('ack', SITE), Uint8Array.of(0xa0)))).toBe('policy/refused');
  });

  it.each<[string, Uint8Array, string]>([
    ['number 0', odd({ 2: 0 }), 'policy/shape'],
    ['a type nobody defined', odd({ 1: 9 }), 'policy/shape'],
    ['no body', odd({ 5: 'none' }), 'policy/shape'],
    ['a primary that is no id', odd({ 5: entries([1, 'GW 1'], [2, 1]) }), 'policy/shape'],
    ['keys that are no bytes', odd({ 1: 4, 5: entries([1, ['key']]) }), 'policy/shape'],
    ['another site inside', odd({ 4: 'xiaohaiyang' }), 'policy/refused'],
    ['nothing', new Uint8Array(), 'policy/refused'],
  ])('is refused with %s', (_, bytes, code) => {
    expect(verdict(bytes)).toBe(code);
  });
});

describe('a policy for a device that only MACs', () => {
  const master = seedOf('site master');
  const key = deriveDeviceKey(master, { site: SITE, device: 'band-7' }, 1);
  const document = open(signed(3));
  const wrapped = wrapPolicy(key, document);

  it('is the same document under its own key', () => {
    const inside = openPolicy(wrapped, key, demand);
    expect(inside).toMatchObject({ number: 3, content: document.content });
    expect(toHex(inside.payload)).toBe(toHex(document.payload));
  });

  it('is not taken by another device, nor from a signature', () => {
    const neighbour = deriveDeviceKey(master, { site: SITE, device: 'band-8' }, 1);
    expect(codeOf(() => openPolicy(wrapped, neighbour, demand))).toBe('policy/refused');
    expect(codeOf(() => openPolicy(signed(3), key, demand))).toBe('policy/refused');
    expect(verdict(wrapped)).toBe('policy/refused');
  });
});

describe('the shelf of policies', () => {
  it('takes a document once, and the same again without a word', () => {
    const shelf = new PolicyShelf();
    expect([shelf.put(open(signed(1))), shelf.put(open(signed(1))), shelf.put(open(signed(2)))]).toEqual([
      'new',
      'known',
      'new',
    ]);
    expect(shelf.numberOf(issuerId, 'primary')).toBe(2);
    expect(shelf.find(issuerId, 'primary')).toMatchObject({ gateway: 'gw-1' });
    expect(shelf.find(issuerId, 'rules')).toBeUndefined();
  });

  it('never goes back, not by a document that was in force once', () => {
    const shelf = new PolicyShelf();
    shelf.put(open(signed(2, catalogue(30))));
    expect(codeOf(() => shelf.put(open(signed(1, catalogue(60)))))).toBe('policy/rollback');
    expect(shelf.find(issuerId, 'catalogue')).toMatchObject({ body: new Map([[7, 30]]) });
  });

  it('refuses two texts under one number', () => {
    const shelf = new PolicyShelf();
    shelf.put(open(signed(1, catalogue(30))));
    expect(codeOf(() => shelf.put(open(signed(1, catalogue(60)))))).toBe('policy/refused');
  });

  it('takes what was signed twice for one text: signatures may differ', () => {
    const key = PrivateKey.generate(ALG.ES256);
    const trust = new TrustStore([key.publicKey]);
    const shelf = new PolicyShelf();
    const [first, second] = [1, 1].map((number) => openPolicy(signed(number, primary, key), trust, demand));
    expect(first && shelf.put(first)).toBe('new');
    expect(second && shelf.put(second)).toBe('known');
  });

  it('counts each type and each key by itself', () => {
    const shelf = new PolicyShelf();
    shelf.put(open(signed(9)));
    expect(shelf.put(open(signed(1, catalogue(30))))).toBe('new');
    const list: PolicyDraft = { type: 'revocations', revocations: [] };
    shelf.put(open(signed(9, list)));
    expect(shelf.put(open(signed(1, list, root, CITY)))).toBe('new');
  });

  it('does not forget its numbers over a restart, though documents are gone', () => {
    const before = new PolicyShelf();
    before.put(open(signed(2)));
    const kept = encode(encodeMarks(before.marks));
    const after = new PolicyShelf(readMarks(decodeStrict(kept)));
    expect(after.find(issuerId, 'primary')).toBeUndefined();
    expect(codeOf(() => after.put(open(signed(1))))).toBe('policy/rollback');
    expect(codeOf(() => after.put(open(signed(2, { ...primary, term: 5 }))))).toBe('policy/refused');
    expect(after.put(open(signed(2)))).toBe('known');
    expect(after.find(issuerId, 'primary')).toMatchObject({ term: 4 });
  });
});

describe('what is kept of a shelf', () => {
  it.each<[string, CborValue]>([
    ['no list', 1],
    ['a list of something else', [1]],
    ['a mark without its digest', [[new Uint8Array(8), 1, 1]]],
    ['a mark of a type nobody defined', [[new Uint8Array(8), 9, 1, new Uint8Array(16)]]],
  ])('is refused: %s', (_, kept) => {
    expect(codeOf(() => readMarks(kept))).toBe('policy/shape');
  });
});

describe('a revocation list', () => {
  const thumbprint = new Uint8Array(32).fill(9);
  const logId = new Uint8Array(16).fill(1);
  const hash = new Uint8Array(32).fill(5);
  const place = (changed: Partial<RecordPlace> = {}): RecordPlace => ({
    ...{ logId, seq: 10, hashAt: () => hash, received: NOW },
    ...changed,
  });
  const judged = (revocation: Partial<Revocation>, at: Partial<RecordPlace> = {}): string =>
    new RevocationList([{ thumbprint, at: NOW - 100, ...revocation }]).verdict(thumbprint, place(at));
  const lastTrusted = { logId, seq: 10, hash };

  it('comes back with what it says, in whatever order it was written', () => {
    const bytes = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((value) => Uint8Array.from(value));
    const revocation = fc.record({
      thumbprint: bytes(32),
      at: uint32,
      lastTrusted: fc.option(fc.record({ logId: bytes(16), seq: uint32, hash: bytes(32) }), {
        nil: undefined,
      }),
      reason: fc.constantFrom(undefined, 'lost', 'compromised', 'replaced', 'retired'),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(revocation, { selector: (r) => toHex(r.thumbprint), maxLength: 6 }),
        (list) => {
          const body = decodeStrict(encode(revocationsBody(list)));
          const back = readRevocations(Fields.of(body, 'body'));
          expect(back.size).toBe(list.length);
          for (const each of list) expect(readable(back.find(each.thumbprint))).toEqual(readable(each));
        },
      ),
    );
  });

  it('is not written with a key twice, which every receiver would refuse', () => {
    const twice = [
      { thumbprint, at: 1 },
      { thumbprint, at: 2 },
    ];
    expect(codeOf(() => signed(1, { type: 'revocations', revocations: twice }))).toBe('policy/shape');
  });

  it.each<[string, CborValue[], string]>([
    ['a key twice', [entries([1, thumbprint], [2, 1]), entries([1, thumbprint], [2, 2])], 'policy/shape'],
    ['keys out of order', [entries([1, thumbprint], [2, 1]), entries([1, hash], [2, 2])], 'policy/shape'],
    ['half a place in a log', [entries([1, thumbprint], [2, 1], [4, 7])], 'cbor/shape'],
    ['a short thumbprint', [entries([1, thumbprint.subarray(1)], [2, 1])], 'cbor/shape'],
    ['an entry that is no map', [1], 'cbor/shape'],
  ])('is refused with %s', (_, list, code) => {
    expect(codeOf(() => readRevocations(Fields.of(entries([1, list]), 'body')))).toBe(code);
  });

  it('takes a reason from a later version for none', () => {
    const list = readRevocations(Fields.of(entries([1, [entries([1, thumbprint], [2, 1], [6, 9])]]), 'body'));
    expect(list.find(thumbprint)).toMatchObject({ at: 1, reason: undefined });
  });

  it('says nothing of other keys', () => {
    const list = new RevocationList([{ thumbprint, at: 0 }]);
    expect(list.verdict(hash, place())).toBe('trusted');
  });

  it('keeps records good up to the last trusted one, and leaves later ones to people', () => {
    expect(judged({ lastTrusted })).toBe('trusted');
    expect(judged({ lastTrusted }, { seq: 3 })).toBe('trusted');
    expect(judged({ lastTrusted }, { seq: 11 })).toBe('review');
  });

  it('believes no log that tells another story up to the last trusted record, or one not seen so far', () => {
    expect(judged({ lastTrusted }, { hashAt: () => thumbprint })).toBe('review');
    expect(judged({ lastTrusted }, { hashAt: () => undefined, seq: 3 })).toBe('review');
  });

  it('without a last trusted record believes what was received before, whatever its device says of its time', () => {
    expect(judged({}, { received: NOW - 101 })).toBe('trusted');
    expect(judged({}, { received: NOW - 100 })).toBe('review');
  });

  it('believes nothing that is received later in another log of a revoked key', () => {
    const other = new Uint8Array(16).fill(8);
    expect(judged({ lastTrusted }, { logId: other })).toBe('review');
    expect(judged({ lastTrusted }, { logId: other, received: NOW - 101 })).toBe('trusted');
  });

  it('travels as a policy document', () => {
    const { content } = open(signed(1, { type: 'revocations', revocations: [{ thumbprint, at: 5 }] }));
    expect(content.type === 'revocations' && content.revocations.find(thumbprint)?.at).toBe(5);
  });

  it('is found out when its bytes were changed on the way', () => {
    const bytes = signed(1, { type: 'revocations', revocations: [{ thumbprint, at: 5, lastTrusted }] });
    for (let i = 0; i < bytes.length; i++) {
      const flipped = Uint8Array.from(bytes);
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
      expect(verdict(flipped)).toMatch(/^policy\//);
    }
    expect(decodeCose(bytes).payload?.length).toBeLessThan(200);
  });
});

/** Byte strings as hex, so that views of different classes compare equal. */
function readable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, field: unknown) => (field instanceof Uint8Array ? toHex(field) : field)),
  );
}
