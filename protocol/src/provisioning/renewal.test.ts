import { describe, expect, it } from 'vitest';
import { PrivateKey } from '../crypto/index.js';
import { type Certificate, issueCertificate, type Role, TrustStore } from '../cwt/index.js';
import { openRenewalRequest, signRenewalRequest } from './renewal.js';

const NOW = 1_800_000_000;
const issuer = PrivateKey.generate();
const key = PrivateKey.generate();

function certify(by = issuer, role: Role = 'gateway'): Certificate {
  const claims = { issuer: 'dahaiyang', subject: 'gw-1', role, site: 'dahaiyang', key: key.publicKey };
  const bytes = issueCertificate(by, { ...claims, notBefore: NOW, expires: NOW + 86_400 });
  return new TrustStore([by.publicKey]).verify(bytes, { roles: [role], site: 'dahaiyang' });
}

const refusal = (bytes: Uint8Array): string => {
  try {
    openRenewalRequest(bytes, issuer);
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a request for renewal', () => {
  it('tells the issuer which of its certificates it is about, also when that has ended', () => {
    const request = signRenewalRequest(key, certify(), NOW + 100 * 86_400);
    expect(openRenewalRequest(request, issuer)).toMatchObject({
      at: NOW + 100 * 86_400,
      certificate: { subject: 'gw-1', site: 'dahaiyang', expires: NOW + 86_400 },
    });
  });

  it('counts only for what this issuer certified as a gateway', () => {
    expect(refusal(signRenewalRequest(key, certify(PrivateKey.generate()), NOW))).toBe(
      'provisioning/refused',
    );
    expect(refusal(signRenewalRequest(key, certify(issuer, 'reader'), NOW))).toBe('provisioning/refused');
  });

  it('counts only from who has the key', () => {
    const stolen = signRenewalRequest(PrivateKey.generate(), certify(), NOW);
    expect(refusal(stolen)).toBe('provisioning/refused');
  });

  it('counts for nothing once a byte of it is changed', () => {
    const request = signRenewalRequest(key, certify(), NOW);
    for (let i = 0; i < request.length; i++) {
      const changed = Uint8Array.from(request);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(refusal(changed), `byte ${i}`).toMatch(/^provisioning\//);
    }
  });
});
