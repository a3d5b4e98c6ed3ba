/** A site's register as a file, and what can be wrong with one. */
import { toHex } from '../../bytes.js';
import { keyThumbprint } from '../../cose/index.js';
import { TrustStore } from '../../cwt/index.js';
import { Register, REGISTER_HEADER, registerLine, type RegisterNote } from '../../register/index.js';
import type { VectorFile } from '../format.js';
import { invalid, valid, vectorFile } from './draft.js';
import { certificates, certify, keys, site, validFrom } from './scene.js';

const issuer = certify('dahaiyang-issuer', 'issuer', keys.issuer);
const reader = {
  ...{ device: 'reader-1', serial: 'sn-1', hardware: 'reader-a', firmware: '1.0.0' },
  certificate: certificates.reader,
};
const notes: readonly RegisterNote[] = [
  { what: 'opened', certificate: issuer },
  { what: 'granted', ...reader },
  { what: 'issued', ...reader },
  {
    ...{ what: 'wiped', device: 'reader-1', serial: 'sn-1', forced: false },
    thumbprint: keyThumbprint(keys.reader.publicKey),
  },
];

function linesOf(by = keys.issuer): {
  readonly lines: readonly string[];
  readonly register: Register;
  readonly hashes: readonly Uint8Array[];
} {
  const register = new Register({ site, trust: new TrustStore([by.publicKey]) });
  const hashes: Uint8Array[] = [];
  const chosen = by === keys.issuer ? notes : notes.slice(0, 1);
  const lines = chosen.map((note) => {
    const entry = register.draft(by, validFrom + 60, note);
    register.take(entry);
    hashes.push(register.hash);
    return registerLine(entry);
  });
  return { lines, register, hashes };
}

export const registerFile = (): VectorFile => {
  const { lines, register, hashes } = linesOf();
  const file = (...chosen: readonly string[]): Uint8Array =>
    new TextEncoder().encode([`${REGISTER_HEADER}\n`, ...chosen].join(''));
  const about = (bytes: Uint8Array) => ({
    context: { site, issuers: ['issuer'] },
    lines: toHex(bytes).match(/.{1,128}/g) ?? [],
  });
  const whole = file(...lines);
  const cut = whole.subarray(0, -9);
  const cutLength = file(...lines.slice(0, -1)).length;
  const gap = file(...lines.slice(0, 1), ...lines.slice(2));
  const stranger = file(...linesOf(keys.stranger).lines);
  const other = new TextEncoder().encode('not a register\n');
  const says = (count: number, hash: Uint8Array, length: number) => ({
    ...{ entries: notes.slice(0, count).map(({ what }) => what), hash, length },
  });
  return vectorFile(
    { structure: 'register', section: 'Register', about: 'Registers as files; the bytes are UTF-8 text.' },
    keys,
    [
      valid('of a reader that came and went', whole, says(4, register.hash, whole.length), about(whole)),
      valid('whose last line was cut off', cut, says(3, hashes[2] ?? register.hash, cutLength), about(cut)),
      invalid('that lacks an entry', gap, 'register/chain', about(gap)),
      invalid('by somebody else', stranger, 'register/signature', about(stranger)),
      invalid('that is something else', other, 'register/shape', about(other)),
    ],
  );
};
