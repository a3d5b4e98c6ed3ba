/** Checks the published vectors from their file alone, as someone would who has only that file and SPEC.md. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../bytes.js';
import { decodeStrict, encode, type CborValue } from '../cbor/index.js';
import { decodeCose } from '../cose/index.js';
import { TrustStore } from '../cwt/index.js';
import { EventVerifier } from '../event/index.js';
import { decodeRecord, verifyAck, verifyClock, verifySeal } from '../log/index.js';
import { readPunch } from '../records/index.js';
import { Deframer } from '../smp/index.js';
import { keyFromSeed } from '../test-support/index.js';

interface Key {
  readonly ed25519Seed: string;
  readonly publicKey: string;
  readonly thumbprint: string;
}
interface Spine {
  readonly site: string;
  readonly keys: Readonly<Record<'issuer' | 'gateway' | 'reader', Key>>;
  readonly certificates: Readonly<
    Record<'reader' | 'gateway', { readonly subject: string; readonly cwt: string }>
  > & {
    readonly validFrom: number;
  };
  readonly log: Readonly<Record<'device' | 'genesis' | 'logId', string>> &
    Readonly<Record<'records' | 'hashes', readonly string[]>> & { readonly epoch: number };
  readonly seal: Readonly<Record<'nonce' | 'message' | 'id', string>>;
  readonly ack: { readonly upto: number; readonly message: string };
  readonly clock: { readonly nonce: string; readonly wall: number; readonly message: string };
  readonly commit: Readonly<Record<'genesis' | 'root', string>> &
    Readonly<Record<'events' | 'hashes' | 'messages', readonly string[]>>;
  readonly frames: readonly { readonly packet: string; readonly line: string }[];
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const spine = JSON.parse(read('../../vectors/spine.json')) as Spine;
const { site, keys, log, commit } = spine;
const publicKey = (name: keyof Spine['keys']) => keyFromSeed(fromHex(keys[name].ed25519Seed)).publicKey;
const sha256 = (...parts: Uint8Array[]): string =>
  createHash('sha256')
    .update(concat(...parts))
    .digest('hex');

describe('the vectors', () => {
  it('belong to their keys, with thumbprints over {1: 1, -1: 6, -2: x}', () => {
    for (const key of Object.values(keys)) {
      expect(toHex(keyFromSeed(fromHex(key.ed25519Seed)).publicKey.x)).toBe(key.publicKey);
      expect(sha256(fromHex(`a3010120062158 20${key.publicKey}`.replace(' ', '')))).toBe(key.thumbprint);
    }
  });

  it('hold certificates of the issuer', () => {
    const { reader, gateway, validFrom } = spine.certificates;
    const store = new TrustStore([publicKey('issuer')]);
    for (const [role, { subject, cwt }] of [['reader', reader] as const, ['gateway', gateway] as const]) {
      const certificate = store.verify(fromHex(cwt), { roles: [role], site, now: validFrom });
      expect([certificate.subject, toHex(certificate.thumbprint)]).toEqual([subject, keys[role].thumbprint]);
    }
  });

  it('hold a log whose chain begins at its genesis', () => {
    const genesis = encode([
      'tb-log',
      1,
      site,
      log.device,
      fromHex(keys.reader.thumbprint),
      log.epoch,
      null,
      null,
      null,
    ]);
    expect(sha256(genesis)).toBe(log.genesis);
    expect(log.logId).toBe(log.genesis.slice(0, 32));
    let hash = log.genesis;
    log.records.forEach((record, i) => {
      hash = sha256(fromHex(hash), fromHex(sha256(fromHex(record))));
      expect(hash).toBe(log.hashes[i]);
      expect(decodeRecord(fromHex(record)).seq).toBe(i + 1);
    });
    expect(readPunch(decodeRecord(fromHex(log.records[1] ?? '')).body)).toMatchObject({
      direction: 'in',
      service: 7,
    });
  });

  it('hold a seal, an ack and a clock document that verify and name that log', () => {
    const seal = verifySeal(fromHex(spine.seal.message), publicKey('reader'), site);
    expect([toHex(seal.hashBefore), toHex(seal.hashLast)]).toEqual([log.genesis, log.hashes[1]]);
    expect([toHex(seal.nonce), toHex(seal.id)]).toEqual([spine.seal.nonce, spine.seal.id]);
    const ack = verifyAck(decodeCose(fromHex(spine.ack.message)), publicKey('gateway'), site);
    expect([toHex(ack.logId), ack.upto, toHex(ack.hash)]).toEqual([log.logId, spine.ack.upto, log.hashes[1]]);
    const clock = verifyClock(decodeCose(fromHex(spine.clock.message)), publicKey('gateway'), site);
    expect([toHex(clock.nonce), clock.wall]).toEqual([spine.clock.nonce, spine.clock.wall]);
  });

  it('hold a commit whose events verify and chain', () => {
    const verifier = new EventVerifier();
    const { gateway, validFrom } = spine.certificates;
    const store = new TrustStore([publicKey('issuer')]);
    verifier.trust(store.verify(fromHex(gateway.cwt), { roles: ['gateway'], site, now: validFrom }));
    let previous = commit.genesis;
    commit.messages.forEach((message, i) => {
      const { event, hash } = verifier.verify(fromHex(message));
      expect([toHex(event.previous), toHex(hash)]).toEqual([previous, commit.hashes[i]]);
      expect(toHex(event.record)).toBe(log.records[i]);
      previous = toHex(hash);
    });
    const [left = '', right = ''] = commit.events.map((event) => sha256(Uint8Array.of(0), fromHex(event)));
    expect(sha256(Uint8Array.of(1), fromHex(left), fromHex(right))).toBe(commit.root);
  });

  it('can be checked with nothing but a CBOR decoder and Ed25519', () => {
    const [header, , payload, signature] = decodeStrict(
      fromHex(spine.seal.message).subarray(1),
    ) as Uint8Array[];
    const aad = encode(['timeband', 1, 'seal', site]);
    const signed = encode(['Signature1', header, aad, payload] as CborValue[]);
    const jwk = {
      kty: 'OKP',
      crv: 'Ed25519',
      x: Buffer.from(keys.reader.publicKey, 'hex').toString('base64url'),
    };
    expect(verify(null, signed, createPublicKey({ key: jwk, format: 'jwk' }), signature ?? signed)).toBe(
      true,
    );
  });

  it('hold frames that carry their packets', () => {
    for (const { packet, line } of spine.frames) {
      const heard: string[] = [];
      new Deframer({
        packet: (bytes) => heard.push(toHex(bytes)),
        fault: (error) => heard.push(error.code),
      }).push(fromHex(line));
      expect(heard).toEqual([packet]);
    }
  });
});

describe('SPEC.md', () => {
  const spec = read('../../SPEC.md');
  const examples = [...spec.matchAll(/```hex\n(.*?)```/gs)].map(([, block = '']) =>
    block.replace(/#.*$/gm, '').replace(/\s/g, ''),
  );

  it('shows bytes that are in the vectors', () => {
    const published = new Set(JSON.stringify(spine).match(/(?<=")[0-9a-f]{16,}(?=")/g));
    expect(examples.length).toBeGreaterThan(5);
    expect(examples.filter((hex) => !published.has(hex))).toEqual([]);
  });

  it('explains every error code', () => {
    const codes = read('../errors.ts').match(/(?<=\| ')[a-z]+\/[a-z0-9-]+(?=')/g) ?? [];
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => !spec.includes(`\`${code}\``))).toEqual([]);
  });

  it('has the sections that comments refer to', () => {
    const sections = new Set([...spec.matchAll(/^## (.*)$/gm)].map(([, title]) => title));
    const named = [
      'Record',
      'Punch',
      'Device',
      'Log',
      'Seal',
      'Ack',
      'Clock',
      'Feedback',
      'Forks',
      'Flash',
      'Time',
      'Commands',
      'Event',
      'Topics',
    ];
    expect(named.filter((title) => !sections.has(title))).toEqual([]);
  });
});
