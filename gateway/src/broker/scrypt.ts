/** Passwords as scrypt hashes (RFC 7914). */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

export interface PasswordHash {
  /** base64url */
  readonly salt: string;
  /** base64url, 32 bytes */
  readonly hash: string;
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MB and about 60 ms a guess. */
const COST = { N: 2 ** 15, r: 8, p: 1 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** Passwords are generated and have 24 characters; longer ones only cost time. */
export const MAX_PASSWORD_BYTES = 256;

export async function hashPassword(password: Uint8Array): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return { salt: salt.toString('base64url'), hash: hash.toString('base64url'), ...COST };
}

/** A hash that no password has, for names that are not there: they cost the same time. */
export function impossibleHash(): PasswordHash {
  const random = (bytes: number) => randomBytes(bytes).toString('base64url');
  return { salt: random(SALT_BYTES), hash: random(HASH_BYTES), ...COST };
}

export async function matchesHash(password: Uint8Array, known: PasswordHash): Promise<boolean> {
  const hash = await derive(password, Buffer.from(known.salt, 'base64url'), known);
  const expected = Buffer.from(known.hash, 'base64url');
  return hash.length === expected.length && timingSafeEqual(hash, expected);
}

function derive(password: Uint8Array, salt: Uint8Array, { N, r, p }: typeof COST): Promise<Buffer> {
  // What scrypt itself needs (RFC 7914 §2: 128·N·r), and as much again for its bookkeeping.
  const maxmem = 2 * 128 * N * r;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, { N, r, p, maxmem }, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}
