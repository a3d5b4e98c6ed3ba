/**
 * Resolvable private addresses: a band changes its address every 15 minutes, and only who holds its identity
 * resolving key can tell that it is the same band (Bluetooth Core 6.0, Vol 6 Part B §1.3.2.2, Vol 3 Part H §2.2.2).
 */
import { concat, equalBytes } from '../bytes.js';
import { aesCbcEncrypt } from '../crypto/index.js';

export const IRK_BYTES = 16;
export const ADDRESS_BYTES = 6;
const PRAND_BYTES = 3;
const ZERO_BLOCK = new Uint8Array(16);

/**
 * An address for this key, most significant byte first: `prand ‖ hash`.
 * @param random 3 random bytes; their two upper bits are set to 01, which marks the kind of address
 */
export function privateAddress(irk: Uint8Array, random: Uint8Array): Uint8Array {
  const prand = Uint8Array.from(random.subarray(0, PRAND_BYTES));
  prand[0] = ((prand[0] ?? 0) & 0x3f) | 0x40;
  return concat(prand, addressHash(irk, prand));
}

/** Whether the address (most significant byte first) was made with this key. One in 16 million is by chance. */
export function resolves(irk: Uint8Array, address: Uint8Array): boolean {
  return (
    address.length === ADDRESS_BYTES &&
    (address[0] ?? 0) >> 6 === 0b01 &&
    equalBytes(addressHash(irk, address.subarray(0, PRAND_BYTES)), address.subarray(PRAND_BYTES))
  );
}

/** `ah`: the last 24 bits of AES-128 over the zero-padded prand. */
function addressHash(irk: Uint8Array, prand: Uint8Array): Uint8Array {
  const block = new Uint8Array(16);
  block.set(prand, 16 - PRAND_BYTES);
  return aesCbcEncrypt(irk, ZERO_BLOCK, block).subarray(16 - PRAND_BYTES);
}
