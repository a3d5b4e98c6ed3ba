/** Files that only their owner may read, encrypted under a passphrase: scrypt (RFC 7914) and AES-256-GCM. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { BackupError } from './manifest.js';

/** 128 MB and about half a second for every guess. */
const COST = { N: 2 ** 17, r: 8, p: 1 };
const MOST_MEMORY = 256 * 1024 * 1024;
const LABEL = Buffer.from('timeband-backup-secrets-1');
const SHORTEST_PASSPHRASE = 12;

const base64 = z.base64();
const schema = z.strictObject({
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z.literal(COST.N),
    r: z.literal(COST.r),
    p: z.literal(COST.p),
    salt: base64,
  }),
  cipher: z.literal('aes-256-gcm'),
  iv: base64,
  tag: base64,
  data: base64,
});
const contents = z.record(z.string(), base64);

/** Bytes by their path. */
export type SecretFiles = ReadonlyMap<string, Uint8Array>;

/** @throws BackupError for a passphrase that could be guessed */
export async function sealSecrets(files: SecretFiles, passphrase: string): Promise<string> {
  if (passphrase.length < SHORTEST_PASSPHRASE) {
    throw new BackupError(`a passphrase for keys has at least ${SHORTEST_PASSPHRASE} characters`);
  }
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt), iv).setAAD(LABEL);
  const plain = JSON.stringify(
    Object.fromEntries(Array.from(files, ([path, bytes]) => [path, Buffer.from(bytes).toString('base64')])),
  );
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  const sealed: z.infer<typeof schema> = {
    kdf: { name: 'scrypt', ...COST, salt: salt.toString('base64') },
    cipher: 'aes-256-gcm',
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
  return `${JSON.stringify(sealed)}\n`;
}

/** @throws BackupError for another passphrase, or bytes that were changed */
export async function openSecrets(text: string, passphrase: string): Promise<SecretFiles> {
  try {
    const { kdf, iv, tag, data } = schema.parse(JSON.parse(text));
    const key = await keyOf(passphrase, Buffer.from(kdf.salt, 'base64'));
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: 16 });
    decipher.setAAD(LABEL).setAuthTag(Buffer.from(tag, 'base64'));
    const plain = Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]);
    const files = contents.parse(JSON.parse(plain.toString('utf8')));
    return new Map(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes, 'base64')]));
  } catch {
    throw new BackupError('the keys in the backup cannot be opened: another passphrase, or a damaged file');
  }
}

function keyOf(passphrase: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 32, { ...COST, maxmem: MOST_MEMORY }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
