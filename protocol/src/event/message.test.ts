import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import { decodeStrict, encode, entries, type CborMap, type CborValue } from '../cbor/index.js';
import { externalAad, mac0, sign1 } from '../cose/index.js';
import { issueCertificate, TrustStore, type Certificate } from '../cwt/index.js';
import type { PrivateKey } from '../crypto/index.js';
import { codeOf, keyOf } from '../test-support/index.js';
import { encodeEvent, eventGenesis, eventHash, type Event } from './event.js';
import { eventJson } from './json.js';
import { MerkleTree } from './merkle.js';
import { encodeCommit, EventVerifier, signCommit } from './message.js';

const site = 'dahaiyang';
const issuer = keyOf('issuer');
const key = keyOf('gateway');

function certify(subject: string, of: PrivateKey): Certificate {
  const claims = { issuer: 'dahaiyang-issuer', subject, role: 'gateway', site } as const;
  const bytes = issueCertificate(issuer, { ...claims, notBefore: 0, expires: 9, key: of.publicKey });
  return new TrustStore([issuer.publicKey]).verify(bytes, { roles: ['gateway'], site });
}

function event(seq: number, previous: Uint8Array, gateway = 'gw-1'): Event {
  return {
    ...{ site, gateway, epoch: 1, seq, previous, type: 'punch', device: 'reader-1' },
    ...{ logId: new Uint8Array(16), logSeq: seq, logPrevious: new Uint8Array(32), record: fromHex('a0') },
    ...{ sealId: new Uint8Array(32), evidence: 0, time: { latest: 100 }, recorded: 1_700_000_000 },
  };
}

/** Events of one commit, chained. */
function chain(count: number): Uint8Array[] {
  let previous = eventGenesis(site, 'gw-1', certify('gw-1', key).thumbprint, 1);
  return Array.from({ length: count }, (_, i) => {
    const bytes = encodeEvent(event(i + 1, previous));
    previous = eventHash(bytes);
    return bytes;
  });
}

function commit(events: readonly Uint8Array[], signer = key): Uint8Array[] {
  const tree = new MerkleTree(events.map(eventHash));
  return encodeCommit(events, tree, signCommit(signer, site, tree.root));
}

function verifier(): EventVerifier {
  const trusting = new EventVerifier();
  trusting.trust(certify('gw-1', key));
  return trusting;
}

const events = chain(5);
const messages = commit(events);
const [message = new Uint8Array()] = messages;
const verdict = (bytes: Uint8Array, by = verifier()): string => codeOf(() => by.verify(bytes));

/** A message with the four parts of its receipt changed. */
function withReceipt(of: Uint8Array, change: (parts: CborValue[]) => CborValue[], tag = 0xd2): Uint8Array {
  const [bytes = null, receipt] = decodeStrict(of) as Uint8Array[];
  const parts = decodeStrict((receipt ?? new Uint8Array()).subarray(1)) as CborValue[];
  return encode([bytes, concat(Uint8Array.of(tag), encode(change([...parts])))]);
}

const withProof = (proof: CborValue): Uint8Array =>
  withReceipt(message, ([a = null, , c = null, d = null]) => [
    a,
    entries([396, entries([-1, [encode(proof)]])]),
    c,
    d,
  ]);

describe('an event message', () => {
  it('verifies by itself, in any order, and names the hash that the next event points to', () => {
    const hashes = [...messages].reverse().map((one) => verifier().verify(one));
    const ordered = hashes.reverse();
    expect(ordered.map((one) => one.event.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(ordered.slice(0, -1).map((one) => toHex(one.hash))).toEqual(
      ordered.slice(1).map((one) => toHex(one.event.previous)),
    );
    expect(toHex(ordered[0]?.signer ?? new Uint8Array())).toBe(toHex(certify('gw-1', key).kid));
  });

  it('of a commit of one carries an empty path', () => {
    const [only = new Uint8Array()] = commit(chain(1));
    expect(verdict(only)).toBe('accepted');
  });

  it('is refused with any flipped bit, by a fresh verifier and by one that knows the commit', () => {
    const warm = verifier();
    messages.forEach((one) => warm.verify(one));
    for (let i = 0; i < message.length; i++) {
      const flipped = Uint8Array.from(message);
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
      const verdicts = [verdict(flipped), verdict(flipped, warm)];
      // The sizes in a proof are not signed: one that leads to the same root changes nothing.
      if (verdicts[0] === 'accepted')
        expect(toHex(verifier().verify(flipped).hash)).toBe(toHex(eventHash(events[0] ?? flipped)));
      else expect(verdicts[0]).toMatch(/^event\//);
      expect(verdicts[1]).toBe(verdicts[0]);
    }
  });

  it('is refused when its event stands under the receipt of another', () => {
    const [, other = new Uint8Array()] = messages;
    const [, receipt = null] = decodeStrict(other) as CborValue[];
    expect(verdict(encode([events[0] ?? null, receipt]))).toBe('event/signature');
  });

  it('is refused from a gateway that is not trusted', () => {
    const [foreign = new Uint8Array()] = commit(events, keyOf('stranger'));
    expect(verdict(foreign)).toBe('event/signature');
    expect(verdict(message, new EventVerifier())).toBe('event/signature');
  });

  it('is refused when it names another gateway than the one that signed it', () => {
    const trusting = verifier();
    const second = keyOf('second gateway');
    trusting.trust(certify('gw-2', second));
    const [posing = new Uint8Array()] = commit([encodeEvent(event(1, new Uint8Array(32), 'gw-1'))], second);
    const [honest = new Uint8Array()] = commit([encodeEvent(event(1, new Uint8Array(32), 'gw-2'))], second);
    expect(verdict(honest, trusting)).toBe('accepted');
    expect(verdict(posing, trusting)).toBe('event/signature');
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'event/shape'],
    ['an array of one', encode([message]), 'event/shape'],
    ['a map', encode(new Map()), 'event/shape'],
    ['a receipt that is text', encode([events[0] ?? null, 'receipt']), 'event/shape'],
    ['a proof that is no array', withProof(1), 'event/shape'],
    ['a proof of two parts', withProof([5, 0]), 'event/shape'],
    ['a negative index', withProof([5, -1, []]), 'event/shape'],
    ['a path of text', withProof([5, 0, ['x']]), 'event/shape'],
    ['an index beyond the tree', withProof([5, 5, []]), 'event/signature'],
    ['a path too short for the tree', withProof([5, 0, []]), 'event/signature'],
    ['a commit of one that it is not', withProof([1, 0, []]), 'event/signature'],
    [
      'no proof',
      withReceipt(message, ([a = null, , c = null, d = null]) => [a, new Map(), c, d]),
      'event/shape',
    ],
    [
      'two proofs',
      withReceipt(message, ([a = null, , c = null, d = null]) => [
        a,
        entries([396, entries([-1, [new Uint8Array(), new Uint8Array()]])]),
        c,
        d,
      ]),
      'event/shape',
    ],
  ])('is refused: %s', (_, bytes, code) => {
    expect(verdict(bytes)).toBe(code);
  });

  it('is refused when its receipt is of another kind of tree, or of none', () => {
    const tree = new MerkleTree(events.map(eventHash));
    const receipt = (extra: [number, number][]): Uint8Array => {
      const signed = sign1(key, externalAad('event', site), tree.root, {
        protectedExtra: extra,
        detached: true,
      });
      const [a = null, , c = null, d = null] = decodeStrict(signed.subarray(1)) as CborValue[];
      const [, unprotected = null] = receiptParts(message);
      return encode([events[0] ?? null, concat(Uint8Array.of(0xd2), encode([a, unprotected, c, d]))]);
    };
    expect(verdict(receipt([[395, 1]]))).toBe('accepted');
    expect(verdict(receipt([[395, 2]]))).toBe('event/signature');
    expect(verdict(receipt([]))).toBe('event/shape');
  });
});

describe('a verifier that remembers commits', () => {
  it('cannot be made to take another root under a signature that it knows', () => {
    const warm = verifier();
    messages.forEach((one) => warm.verify(one));
    const forged = encodeEvent({ ...event(1, new Uint8Array(32)), minutes: 10_000 });
    const unprotected = entries([396, entries([-1, [encode([1, 0, []])]])]);
    const [a = null, , c = null, d = null] = receiptParts(message);
    const smuggled = encode([forged, concat(Uint8Array.of(0xd2), encode([a, unprotected, c, d]))]);
    expect(verdict(smuggled, warm)).toBe('event/signature');
    expect(verdict(message, warm)).toBe('accepted');
  });

  it('judges a receipt of the wrong form the same whether it knows the commit or not', () => {
    const warm = verifier();
    messages.forEach((one) => warm.verify(one));
    const retagged = withReceipt(message, (parts) => parts, 0xd1);
    const attached = withReceipt(message, ([a = null, b = null, , d = null]) => [
      a,
      b,
      new Uint8Array(32),
      d,
    ]);
    expect([retagged, attached].flatMap((bad) => [verdict(bad), verdict(bad, warm)])).toEqual(
      Array.from({ length: 4 }, () => 'event/shape'),
    );
    expect(
      verdict(
        encode([events[0] ?? null, mac0(new Uint8Array(32), new Uint8Array(8), message, message)]),
        warm,
      ),
    ).toMatch(/^event\//);
  });

  it('still verifies commits that it has forgotten', () => {
    const warm = verifier();
    warm.verify(message);
    for (let i = 0; i < 70; i++) {
      const [other = new Uint8Array()] = commit([encodeEvent(event(100 + i, new Uint8Array(32)))]);
      warm.verify(other);
    }
    expect(verdict(message, warm)).toBe('accepted');
  });
});

describe('the JSON twin', () => {
  const twin = eventJson(message);

  it('is a CloudEvents envelope that carries the message itself', () => {
    const parsed = JSON.parse(twin) as Record<string, unknown> & { data: Record<string, unknown> };
    expect(parsed).toMatchObject({
      specversion: '1.0',
      id: `${toHex(certify('gw-1', key).kid)}-1-1`,
      source: 'tb/1/dahaiyang/gw-1',
      type: 'timeband.punch',
      time: '2023-11-14T22:13:20.000Z',
    });
    expect(parsed.data).toMatchObject({
      device: 'reader-1',
      logSeq: 1,
      evidence: 0,
      earliest: null,
      minutes: null,
    });
    expect(verdict(Buffer.from(String(parsed.data['cose']), 'base64'))).toBe('accepted');
  });

  it('depends on the bytes of the message and on nothing else', () => {
    expect(eventJson(Uint8Array.from(message))).toBe(twin);
    expect(new Set(messages.map(eventJson)).size).toBe(messages.length);
  });

  it('is not made from what is no message', () => {
    const bad: CborValue[] = [1, 'x', null, [], [message], new Map() as CborMap];
    expect(bad.map((value) => codeOf(() => eventJson(encode(value))))).toEqual(bad.map(() => 'event/shape'));
  });
});

function receiptParts(of: Uint8Array): CborValue[] {
  const [, receipt] = decodeStrict(of) as Uint8Array[];
  return decodeStrict((receipt ?? new Uint8Array()).subarray(1)) as CborValue[];
}
