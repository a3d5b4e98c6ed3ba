import {
  ALG,
  call,
  COMMAND,
  issueCertificate,
  keyThumbprint,
  PrivateKey,
  type PublicKey,
  sendPut,
  signGrant,
  SmpClient,
  type SmpError,
  verifyPossession,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it } from 'vitest';
import { memoryLink } from '../uart/memory-link.js';
import { FactoryDevice } from './factory-device.js';

const site = 'dahaiyang';
const issuerKey = PrivateKey.generate();
const at = 1_750_000_000;
const nonce = new Uint8Array(16).fill(7);
const certify = (subject: string, role: 'issuer' | 'reader', key: PublicKey): Uint8Array =>
  issueCertificate(issuerKey, {
    ...{ issuer: 'issuer-1', subject, role, site, notBefore: at, expires: at + 1_000, key },
  });
const grantFor = (key: PublicKey): Uint8Array =>
  signGrant(issuerKey, {
    ...{ serial: 'sn-1', site, device: 'reader-1', at },
    anchors: [certify('issuer-1', 'issuer', issuerKey.publicKey)],
    certificate: certify('reader-1', 'reader', key),
  });

function bench() {
  const timers = new ManualTimers();
  const device = new FactoryDevice({
    ...{ serial: 'sn-1', role: 'reader', macs: false, timers, settings: { signMs: 0 } },
  });
  const client = new SmpClient(memoryLink(device), { timers });
  const put = (bytes: Uint8Array, what: 'grant' | 'wipe' = 'grant') =>
    sendPut({ what, bytes }, async (piece) => (await call(client, COMMAND.put, piece)).next);
  return { timers, device, client, put };
}

const refused = (rc: number) => expect.objectContaining({ name: 'SmpError', rc }) as SmpError;

describe('a device from the factory', () => {
  it('makes its key once, proves it, and belongs to a site when it was granted', async () => {
    const { timers, device, client, put } = bench();
    await expect(call(client, COMMAND.identity, undefined)).rejects.toEqual(refused(13));
    await expect(call(client, COMMAND.possession, { nonce, site })).rejects.toEqual(refused(13));
    const key = await call(client, COMMAND.makeKey, { algorithm: ALG.EdDSA });
    expect(keyThumbprint(await call(client, COMMAND.makeKey, { algorithm: ALG.EdDSA }))).toEqual(
      keyThumbprint(key),
    );
    await expect(call(client, COMMAND.makeKey, { algorithm: ALG.ES256 })).rejects.toEqual(refused(2));
    const proof = await call(client, COMMAND.possession, { nonce, site });
    verifyPossession(proof, { nonce, site, serial: 'sn-1', key });
    await expect(put(grantFor(PrivateKey.generate().publicKey))).rejects.toEqual(refused(3));
    const grant = grantFor(key);
    await put(grant);
    timers.advance(1);
    expect(device.state).toBe('provisioned');
    expect((await call(client, COMMAND.identity, undefined)).device).toBe('reader-1');
    expect(await call(client, COMMAND.factory, undefined)).toMatchObject({
      ...{ state: 'provisioned', site, device: 'reader-1', thumbprint: keyThumbprint(key) },
    });
    await put(grant); // again, as after an answer that was lost
    await expect(put(grantFor(PrivateKey.generate().publicKey))).rejects.toEqual(refused(14));
    await expect(call(client, COMMAND.makeKey, { algorithm: ALG.EdDSA })).rejects.toEqual(refused(14));
  });

  it('is what it was before or what it was to become, wherever the power fails', async () => {
    for (let bytes = 0; bytes < 6_000; bytes += bytes < 700 ? 31 : 397) {
      const { timers, device, client, put } = bench();
      const key = await call(client, COMMAND.makeKey, { algorithm: ALG.EdDSA });
      device.keys.cutAfter(bytes);
      const done = put(grantFor(key)).catch(() => undefined);
      while (device.state !== 'off' && device.state !== 'provisioned') {
        await Promise.resolve();
        timers.advance(1);
      }
      device.powerDown();
      timers.advance(60_000);
      await done;
      device.powerUp();
      expect(['keyed', 'provisioned']).toContain(device.state);
    }
  });
});
