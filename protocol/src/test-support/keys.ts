/** Ed25519 keys that anyone can make again from their seed. For tests and published vectors, never for devices. */
import { ALG, PrivateKey, sha256 } from '../crypto/index.js';

export function keyFromSeed(seed: Uint8Array): PrivateKey {
  return PrivateKey.fromSecret(ALG.EdDSA, seed);
}

/** A seed of its own for every name. */
export function seedOf(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(`timeband test key: ${name}`));
}

export function keyOf(name: string): PrivateKey {
  return keyFromSeed(seedOf(name));
}
