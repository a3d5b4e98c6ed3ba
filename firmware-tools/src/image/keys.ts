/** Keys that sign images: Ed25519 and ECDSA P-256, PEM files as OpenSSL and imgtool write them (PKCS#8, RFC 5958). */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { closeSync, fchmodSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { ImageError } from './errors.js';
import { TLV } from './tlv.js';

export const KEY_KINDS = ['ed25519', 'ecdsa-p256'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** Hash of an image. */
export type Sha = 'sha256' | 'sha512';

export class ImageKey {
  readonly kind: KeyKind;
  private readonly publicKey: KeyObject;

  /** @throws ImageError `key/kind` */
  constructor(private readonly key: KeyObject) {
    const kind = kindOf(key);
    if (kind === undefined)
      throw new ImageError(
        'key/kind',
        'images are signed with Ed25519 or ECDSA P-256 keys, and this is another',
      );
    this.kind = kind;
    this.publicKey = key.type === 'private' ? createPublicKey(key) : key;
  }

  get isPrivate(): boolean {
    return this.key.type === 'private';
  }

  /** SubjectPublicKeyInfo, DER: the form that the bootloader holds. */
  get publicBytes(): Uint8Array {
    return this.publicKey.export({ type: 'spki', format: 'der' });
  }

  /** What the image says of the key that signed it. */
  hash(sha: Sha): Uint8Array {
    return createHash(sha).update(this.publicBytes).digest();
  }

  publicPem(): string {
    return this.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  /** The type of a signature by this key. */
  get signatureTlv(): number {
    return this.kind === 'ed25519' ? TLV.ed25519 : TLV.ecdsa;
  }

  /** Signs what MCUboot has this kind sign: ECDSA hashes the region itself, Ed25519 is given the digest or, pure, the region. */
  sign(region: Uint8Array, digest: Uint8Array, pure: boolean): Uint8Array {
    if (!this.isPrivate) throw new ImageError('key/kind', 'a public key cannot sign');
    if (this.kind === 'ecdsa-p256') return sign('sha256', region, this.key);
    return sign(null, pure ? region : digest, this.key);
  }

  verify(signature: Uint8Array, region: Uint8Array, digest: Uint8Array, pure: boolean): boolean {
    if (this.kind === 'ed25519') return verify(null, pure ? region : digest, this.publicKey, signature);
    // Bootloaders before MCUboot 1.5 had signatures padded with zeros to 72 bytes; DER says where they end.
    const end = 2 + (signature[1] ?? 0);
    if (signature.subarray(end).some((byte) => byte !== 0)) return false;
    return verify('sha256', region, this.publicKey, signature.subarray(0, end));
  }
}

/**
 * Reads a key file, private or public. A private one may be read by its owner only.
 *
 * @throws ImageError `key/file`, `key/mode`, `key/kind`, `key/passphrase` when it is encrypted and the passphrase is missing or wrong
 */
export function readImageKey(file: string, passphrase?: string): ImageKey {
  let pem: string;
  let mode: number;
  try {
    const fd = openSync(file, 'r');
    try {
      mode = fstatSync(fd).mode;
      pem = readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new ImageError('key/file', `cannot read the key: ${(error as Error).message}`);
  }
  if (pem.includes('PUBLIC KEY-----')) return new ImageKey(parse(file, () => createPublicKey(pem)));
  if (!pem.includes('PRIVATE KEY-----'))
    throw new ImageError('key/file', `${file} is no key in PEM form: make one with bandctl image keygen`);
  if ((mode & 0o077) !== 0)
    throw new ImageError(
      'key/mode',
      `${file} can be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${file}`,
    );
  const encrypted = pem.includes('ENCRYPTED');
  if (encrypted && passphrase === undefined)
    throw new ImageError('key/passphrase', `${file} is encrypted: its passphrase is needed`);
  return new ImageKey(
    parse(
      file,
      () => createPrivateKey(encrypted ? { key: pem, passphrase: passphrase ?? '' } : pem),
      encrypted,
    ),
  );
}

/**
 * Makes a key and writes it to a file that only its owner can read; never over another file.
 *
 * @throws ImageError `key/file`
 */
export function generateImageKey(kind: KeyKind, file: string, passphrase?: string): ImageKey {
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem', ...encryption } as const;
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  const encodings = { privateKeyEncoding, publicKeyEncoding };
  const { privateKey } =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519', encodings)
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1', ...encodings });
  try {
    const fd = openSync(file, 'wx', 0o600);
    try {
      fchmodSync(fd, 0o600);
      writeFileSync(fd, privateKey);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new ImageError('key/file', `cannot write the key: ${(error as Error).message}`);
  }
  return readImageKey(file, passphrase);
}

function parse(file: string, read: () => KeyObject, encrypted = false): KeyObject {
  try {
    return read();
  } catch {
    if (encrypted) throw new ImageError('key/passphrase', `the passphrase of ${file} is another`);
    throw new ImageError('key/file', `${file} is no usable key`);
  }
}

function kindOf(key: KeyObject): KeyKind | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return isP256 ? 'ecdsa-p256' : undefined;
}
