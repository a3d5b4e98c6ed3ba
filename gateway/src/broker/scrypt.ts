/** Passwords as scrypt hashes (RFC 7914). */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

const base64url = z.string().regex(/^[\w-]+$/, 'not base64url');

// Costs are bounded on both sides: a weak hash gives the password away, a huge one stops the gateway.
export const passwordHashSchema = z.strictObject({
  salt: base64url.min(22),
  /** 32 bytes */
  hash: base64url.length(43),
  N: z.number().refine((n) => [2 ** 14, 2 ** 15, 2 ** 16, 2 ** 17].includes(n), 'not a cost of scrypt'),
  r: z.number().int().min(8).max(16),
  p: z.number().int().min(1).max(4),
});
export type PasswordHash = Readonly<z.infer<typeof passwordHashSchema>>;

/** 32 MB and about 60 ms a guess. */
const COST = { N: 2 ** 15, r: 8, p: 1 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** Those made here have 24 characters; much longer ones only cost time. */
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
