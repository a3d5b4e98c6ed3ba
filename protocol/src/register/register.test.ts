import { describe, expect, it } from 'vitest';
import { PrivateKey } from '../crypto/index.js';
import { keyThumbprint } from '../cose/index.js';
import { issueCertificate, openIssuerCertificate, type Role, TrustStore } from '../cwt/index.js';
import { signPolicy } from '../policy/index.js';
import type { RegisterNote } from './entry.js';
import { readRegister, REGISTER_HEADER, registerLine } from './file.js';
import { Register } from './register.js';

const site = 'dahaiyang';
const at = 1_750_000_000;
const issuerKey = PrivateKey.generate();
const certify = (subject: string, role: Role, key: PrivateKey): Uint8Array =>
  issueCertificate(issuerKey, {
    ...{ issuer: 'issuer-1', subject, role, site, notBefore: at, expires: at + 1_000, key: key.publicKey },
  });
const issuer = certify('issuer-1', 'issuer', issuerKey);
const technicianKey = PrivateKey.generate();
const bandKey = PrivateKey.generate();
const band = {
  ...{ device: 'band-1', serial: 'sn-1', hardware: 'b1', firmware: '1.0.0' },
  certificate: certify('band-1', 'band', bandKey),
};
const thumbprint = keyThumbprint(bandKey.publicKey);
const options = () => ({ site, trust: new TrustStore([openIssuerCertificate(issuer)]) });

/** A register with these notes, and its file. */
function registerOf(notes: readonly (RegisterNote | readonly [PrivateKey, RegisterNote])[]) {
  const register = new Register(options());
  let text = `${REGISTER_HEADER}\n`;
  for (const one of notes) {
    const [key, note] = 'what' in one ? [issuerKey, one] : one;
    const entry = register.draft(key, at, note);
    register.take(entry);
    text += registerLine(entry);
  }
  return { register, text };
}

const opened: RegisterNote = { what: 'opened', certificate: issuer };
const certified: RegisterNote = {
  what: 'certified',
  certificate: certify('technician-1', 'technician', technicianKey),
};
const wiped: RegisterNote = { what: 'wiped', device: 'band-1', serial: 'sn-1', thumbprint, forced: false };
const policy = signPolicy(
  issuerKey,
  { number: 1, issued: at, site },
  { type: 'revocations', revocations: [{ thumbprint, at, reason: 'lost' }] },
);

describe('a register', () => {
  it('reads back as it was written, and knows what became of each device', () => {
    const notes: RegisterNote[] = [
      opened,
      certified,
      { what: 'granted', ...band },
      { what: 'issued', ...band, account: 'account-1', irk: new Uint8Array(16) },
      { what: 'revoked', device: 'band-1', policy },
    ];
    const { register, text } = registerOf([...notes, [technicianKey, wiped]]);
    const read = readRegister(text, options());
    expect(read.register.entries).toEqual(register.entries);
    expect(read.register.hash).toEqual(register.hash);
    expect(read.length).toBe(text.length);
    expect(read.register.bySerial('sn-1')?.state).toBe('wiped');
    expect(read.register.byDevice('band-1')).toBeUndefined();
    expect(read.register.revocationPolicy).toEqual(policy);
    expect([...read.register.certificates].map(({ subject }) => subject)).toEqual(['technician-1']);
  });

  it('leaves out a line that a loss of power cut off, wherever', () => {
    const { text } = registerOf([opened, { what: 'issued', ...band }]);
    const whole = text.indexOf('\n', REGISTER_HEADER.length + 1) + 1;
    for (let cut = whole; cut < text.length; cut += 7) {
      const { register, length } = readRegister(text.slice(0, cut), options());
      expect([register.entries.length, length]).toEqual([1, whole]);
    }
  });

  it('notices an entry that was left out, moved, repeated or changed', () => {
    const { text } = registerOf([opened, certified, { what: 'issued', ...band }]);
    const [header = '', first = '', second = '', third = ''] = text.split('\n');
    const codeOf = (...lines: string[]): unknown => {
      try {
        readRegister(`${[header, ...lines].join('\n')}\n`, options());
        return 'good';
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    expect(codeOf(first, second, third)).toBe('good');
    expect(codeOf(first, third)).toBe('register/chain');
    expect(codeOf(first, third, second)).toBe('register/chain');
    expect(codeOf(first, second, second)).toBe('register/chain');
    expect(codeOf(second)).toBe('register/chain');
    const flipped = `${third.slice(0, -9)}${third.at(-9) === 'A' ? 'B' : 'A'}${third.slice(-8)}`;
    expect(codeOf(first, second, flipped)).toBe('register/signature');
    expect(codeOf(first, '***')).toBe('register/shape');
    expect(codeOf()).toBe('good');
  });

  it('lets a technician enter what she wiped and nothing else, and a stranger nothing', () => {
    const { register } = registerOf([opened, certified]);
    const draft = (key: PrivateKey, note: RegisterNote) => () => register.take(register.draft(key, at, note));
    expect(draft(technicianKey, { what: 'issued', ...band })).toThrow(/may not enter/);
    expect(draft(PrivateKey.generate(), wiped)).toThrow(/do not know/);
    expect(register.entries).toHaveLength(2);
    draft(technicianKey, wiped)();
    expect(register.entries).toHaveLength(3);
  });
});
