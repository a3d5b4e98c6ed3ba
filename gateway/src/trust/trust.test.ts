import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deriveDeviceKey,
  issueCertificate,
  keyId,
  type PolicyDraft,
  PrivateKey,
  signPolicy,
  toHex,
  TrustStore,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../store/index.js';
import { DeviceKeys, Policies } from './index.js';

const SITE = 'dahaiyang';
const NOW = 1_800_000_000;
const thumbprint = new Uint8Array(32).fill(9);

describe('trust on disk', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'timeband-trust-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  describe('policies', () => {
    const issuer = PrivateKey.generate();
    const list: PolicyDraft = { type: 'revocations', revocations: [{ thumbprint, at: NOW }] };
    const signed = (number: number, by = issuer): Uint8Array =>
      signPolicy(by, { number, issued: NOW, site: SITE }, list);
    const file = (): string => join(dir, 'revocations.policy');
    let store: Store;
    let trust: TrustStore;
    let timers: ManualTimers;
    let errors: unknown[];
    beforeEach(() => {
      store = new Store(join(dir, 'gateway.db'));
      timers = new ManualTimers(0);
      errors = [];
    });
    afterEach(() => {
      store.close();
    });

    /** A gateway's policies after a start. */
    const started = (): Policies => {
      trust = new TrustStore([issuer.publicKey]);
      const policies = new Policies({
        ...{ site: SITE, files: [file()], trust, issuer: keyId(issuer.publicKey), store, timers },
        now: () => NOW,
        log: pino({}, { write: (line: string) => errors.push((JSON.parse(line) as { code?: string }).code) }),
      });
      policies.start();
      return policies;
    };
    const isRevoked = (): boolean =>
      trust.revocationOf({ thumbprint, signer: keyId(issuer.publicKey) }) !== undefined;

    it('are taken at the start, and again when their file changes', async () => {
      writeFileSync(file(), signed(1));
      const policies = started();
      expect([policies.revocations, isRevoked()]).toEqual([1, true]);
      writeFileSync(file(), signed(200));
      await timers.run(6_000);
      expect(policies.revocations).toBe(200);
      policies.close();
    });

    it('are in force after a restart though their file is gone', () => {
      writeFileSync(file(), signed(3));
      started().close();
      rmSync(file());
      const policies = started();
      expect([policies.revocations, isRevoked()]).toEqual([3, true]);
      policies.close();
    });

    it('are not put back by an older file, not even over a restart', () => {
      writeFileSync(file(), signed(3));
      started().close();
      writeFileSync(file(), signed(2));
      const policies = started();
      expect(policies.revocations).toBe(3);
      expect(errors).toContain('policy/rollback');
      policies.close();
    });

    it('of an issuer that another document introduced are in force after a restart, whichever is read first', () => {
      for (let i = 0; i < 6; i++) {
        const successor = PrivateKey.generate();
        const certificate = issueCertificate(successor, {
          ...{ issuer: SITE, subject: SITE, role: 'issuer', site: SITE, key: successor.publicKey },
          ...{ notBefore: NOW - 1, expires: NOW + 86_400 },
        });
        const keys: PolicyDraft = { type: 'keys', certificates: [certificate] };
        const before = started();
        before.take(signPolicy(issuer, { number: i + 1, issued: NOW, site: SITE }, keys));
        before.take(signed(1, successor));
        before.close();
        started().close();
        const signer = keyId(successor.publicKey);
        expect(trust.revocationOf({ thumbprint, signer })).toBeDefined();
      }
    });

    it('are not taken from somebody else, and what was in force stays', () => {
      writeFileSync(file(), signed(3));
      started().close();
      writeFileSync(file(), signed(4, PrivateKey.generate()));
      const policies = started();
      expect([policies.revocations, isRevoked()]).toEqual([3, true]);
      expect(errors).toContain('policy/refused');
      policies.close();
    });
  });

  describe('device keys', () => {
    const key = deriveDeviceKey(thumbprint, { site: SITE, device: 'band-7' }, 1);
    const next = deriveDeviceKey(thumbprint, { site: SITE, device: 'band-7' }, 2);
    const write = (content: string, mode = 0o600): string => {
      const name = join(dir, 'device-keys.json');
      writeFileSync(name, content, { mode });
      return name;
    };
    const entry = (of = key, device = 'band-7') => ({ device, key: toHex(of.export()) });

    it('are found by device and by the name in its certificate, two while one is replaced', () => {
      const keys = DeviceKeys.read(write(JSON.stringify([entry(), entry(next)])), SITE);
      expect(keys.find('band-7', key.thumbprint)?.kid).toEqual(key.kid);
      expect(keys.find('band-7', next.thumbprint)?.kid).toEqual(next.kid);
      expect(keys.find('band-8', key.thumbprint)).toBeUndefined();
      expect(keys.find('band-7', thumbprint)).toBeUndefined();
    });

    it('are refused when others can read them', () => {
      const name = write(JSON.stringify([entry()]), 0o644);
      expect(() => DeviceKeys.read(name, SITE)).toThrow(/chmod 600/);
    });

    it.each(['', '{}', '[{"device":"Band 7","key":"00"}]'])(
      'are refused as %j, without quoting the file',
      (content) => {
        expect(() => DeviceKeys.read(write(content), SITE)).toThrow(/is not a list of device keys/);
      },
    );

    it('are not quoted by the error that refuses their file', () => {
      const content = JSON.stringify([{ ...entry(), generation: 1 }]);
      let message = '';
      try {
        DeviceKeys.read(write(content), SITE);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toContain('device-keys.json');
      expect(message).not.toContain(entry().key.slice(0, 8));
    });
  });
});
