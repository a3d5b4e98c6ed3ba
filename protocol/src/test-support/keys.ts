/** Ed25519 keys that anyone can make again from their seed. For tests and published vectors, never for devices. */
import { concat, fromHex } from '../bytes.js';
import { PrivateKey, sha256, toBase64 } from '../crypto/index.js';

/** PKCS#8 around a raw 32-byte seed (RFC 8410 §7). */
const PKCS8_ED25519 = fromHex('302e020100300506032b657004220420');

export function keyFromSeed(seed: Uint8Array): PrivateKey {
  const der = toBase64(concat(PKCS8_ED25519, seed));
  return PrivateKey.fromPem(`-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`);
}

/** A seed of its own for every name. */
export function seedOf(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(`timeband test key: ${name}`));
}

export function keyOf(name: string): PrivateKey {
  return keyFromSeed(seedOf(name));
}
