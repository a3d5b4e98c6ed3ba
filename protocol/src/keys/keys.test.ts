import { createHmac, hkdfSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../bytes.js';
import { encode, entries } from '../cbor/index.js';
import { decodeCose } from '../cose/index.js';
import { sha256 } from '../crypto/index.js';
import { signAck, signClock, signSeal, verifyAck, verifyClock, verifySeal, type Seal } from '../log/index.js';
import { codeOf, keyOf, seedOf } from '../test-support/index.js';
import { authenticate, deriveDeviceKey, DeviceKey, isVouched, verifyAuthentic } from './index.js';

const SITE = 'dahaiyang';
const master = seedOf('site master');
const owner = { site: SITE, device: 'band-7' };
const key = deriveDeviceKey(master, owner, 1);
const signer = keyOf('band');

const hash = new Uint8Array(32).fill(2);
const logId = new Uint8Array(16).fill(1);
const seal: Seal = {
  ...{ logId, first: 1, last: 5, hashBefore: hash, hashLast: hash, nonce: new Uint8Array(16) },
  ...{ boot: 1, uptime: 9, time: { quality: 'unset' } },
};
const ack = {
  ...{ logId, upto: 5, hash, site: SITE, gateway: 'gw-1' },
  ...{ revocations: 0, durability: 'box' as const },
};
const clock = {
  device: 'band-7',
  nonce: new Uint8Array(8),
  wall: 1_800_000_000,
  site: SITE,
  gateway: 'gw-1',
};

describe('a device key', () => {
  it('is derived as HKDF says, from master, site, device and generation', () => {
    const info = encode(['timeband', 1, 'device-key', SITE, 'band-7', 1]);
    const expected = hkdfSync('sha256', master, Buffer.from('timeband'), info, 32);
    expect(toHex(key.export())).toBe(Buffer.from(expected).toString('hex'));
  });

  it('is these bytes, so that other implementations can compare', () => {
    expect(toHex(master)).toBe('f6db006d92e3e788a35fa5aec6e05f9c6c4a1e64a07e5e7eb0567a170a69d6d5');
    expect(toHex(key.export())).toBe('523492961842c91a1846cd8dfe6b8e203bce04bab2d774a6cc250142d9b309c9');
    expect(toHex(key.thumbprint)).toBe('5dae4f0287b4eeeca24c583ebb87b93ad69423edaed80491982a771dd2c98ad2');
    expect(toHex(key.keyFor('seal', 'up'))).toBe(
      '18039ad70af9cab3dee1a4294c1cc4ecd1e87f95e681eb0f1db0c252fda29537',
    );
    expect(toHex(key.keyFor('ack', 'down'))).toBe(
      'c3246ce87d68a976b8c61863df190ed0a77f0d527b570bb382c55cdf88b46fec',
    );
  });

  it('gives each purpose and direction a key of one HKDF-Expand block', () => {
    const info = encode(['timeband', 1, 'session', 'down', SITE, 'band-7']);
    const block = createHmac('sha256', key.export()).update(info).update(Uint8Array.of(1)).digest('hex');
    expect(toHex(key.keyFor('session', 'down'))).toBe(block);
  });

  it('differs with every part of what it is derived from', () => {
    const keys = [
      key,
      deriveDeviceKey(master, owner, 2),
      deriveDeviceKey(master, { ...owner, site: 'xiaohaiyang' }, 1),
      deriveDeviceKey(master, { ...owner, device: 'band-8' }, 1),
      deriveDeviceKey(seedOf('another master'), owner, 1),
    ];
    const purposes = (['seal', 'answer', 'attest', 'ack', 'clock', 'policy', 'session'] as const).flatMap(
      (purpose) => [key.keyFor(purpose, 'up'), key.keyFor(purpose, 'down')],
    );
    const all = [...keys.map((each) => each.export()), ...purposes].map(toHex);
    expect(new Set(all).size).toBe(all.length);
  });

  it('is named by the thumbprint of a symmetric COSE key, without being shown', () => {
    expect(toHex(key.thumbprint)).toBe(toHex(sha256(encode(entries([1, 4], [-1, key.export()])))));
    expect(toHex(key.kid)).toBe(toHex(key.thumbprint.subarray(0, 8)));
  });

  it('does not show its secret when it is logged', () => {
    const secret = toHex(key.export());
    const bytes = [...key.export()].join(', ');
    for (const shown of [JSON.stringify({ key }), inspect(key, { depth: 9, showHidden: true })]) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(secret.slice(0, 16));
      expect(shown).not.toContain(bytes.slice(0, 20));
    }
  });

  it('is refused in another length, as a master is', () => {
    expect(codeOf(() => new DeviceKey(SITE, 'band-7', new Uint8Array(16)))).toBe('cose/key');
    expect(codeOf(() => deriveDeviceKey(new Uint8Array(31), owner, 1))).toBe('cose/key');
  });
});

describe('what a device key authenticates', () => {
  it('comes back under the same key: seals up, acks and clock documents down', () => {
    expect(verifySeal(signSeal(key, SITE, seal), key, SITE).last).toBe(5);
    expect(verifyAck(decodeCose(signAck(key, ack)), key, SITE).upto).toBe(5);
    expect(verifyClock(decodeCose(signClock(key, clock)), key, SITE).wall).toBe(1_800_000_000);
  });

  it('may travel without its payload', () => {
    const payload = Uint8Array.of(1, 2, 3);
    const message = decodeCose(authenticate(key, 'attest', SITE, payload, { detached: true }));
    expect(message.payload).toBeUndefined();
    expect(toHex(verifyAuthentic(message, key, 'attest', SITE, payload))).toBe('010203');
    expect(codeOf(() => verifyAuthentic(message, key, 'attest', SITE, Uint8Array.of(9)))).toBe('cose/proof');
    expect(codeOf(() => verifyAuthentic(message, key, 'attest', SITE))).toBe('cose/structure');
  });

  it('is not another purpose’s: a seal sent back to the device is no ack', () => {
    const payload = Uint8Array.of(1);
    const reflected = decodeCose(authenticate(key, 'seal', SITE, payload));
    for (const purpose of ['ack', 'clock', 'policy', 'answer', 'attest'] as const) {
      expect(codeOf(() => verifyAuthentic(reflected, key, purpose, SITE))).toBe('cose/proof');
    }
  });

  it('is not another device’s, generation’s or site’s', () => {
    const message = signSeal(key, SITE, seal);
    const newer = deriveDeviceKey(master, owner, 2);
    const neighbour = deriveDeviceKey(master, { ...owner, device: 'band-8' }, 1);
    for (const other of [newer, neighbour]) {
      expect(codeOf(() => verifySeal(message, other, SITE))).toBe('seal/signature');
    }
    expect(codeOf(() => verifySeal(message, key, 'xiaohaiyang'))).toBe('seal/signature');
  });

  it('never passes for a signature, nor a signature for it: the key alone says which it is', () => {
    const signed = signSeal(signer, SITE, seal);
    const maced = signSeal(key, SITE, seal);
    expect(codeOf(() => verifySeal(signed, signer.publicKey, SITE))).toBe('accepted');
    expect(codeOf(() => verifySeal(signed, key, SITE))).toBe('seal/signature');
    expect(codeOf(() => verifySeal(maced, signer.publicKey, SITE))).toBe('seal/signature');
    expect(codeOf(() => verifyAck(decodeCose(signAck(signer, ack)), key, SITE))).toBe('cose/structure');
    expect(codeOf(() => verifyAck(decodeCose(signAck(key, ack)), signer.publicKey, SITE))).toBe(
      'cose/structure',
    );
  });

  it('is not what someone makes with a public key as the secret', () => {
    const confused = new DeviceKey(SITE, 'band-7', signer.publicKey.x);
    expect(codeOf(() => verifySeal(signSeal(confused, SITE, seal), signer.publicKey, SITE))).toBe(
      'seal/signature',
    );
  });

  it('is refused with any flipped bit', () => {
    const message = signSeal(key, SITE, seal);
    for (let i = 0; i < message.length; i++) {
      const flipped = Uint8Array.from(message);
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
      expect(codeOf(() => verifySeal(flipped, key, SITE))).toBe('seal/signature');
    }
  });

  it('is vouched for by a gateway, and what is signed is not', () => {
    expect([isVouched(key), isVouched(signer.publicKey)]).toEqual([true, false]);
  });

  it('is smaller than a signature', () => {
    expect(signSeal(key, SITE, seal).length).toBe(
      signSeal(signer, SITE, seal).length - fromHex('00'.repeat(32)).length,
    );
  });
});
