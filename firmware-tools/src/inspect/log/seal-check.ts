/** A seal, asked for now: what it proves of the records that were read. */
import {
  call,
  chainHash,
  COMMAND,
  equalBytes,
  LogError,
  type LogPosition,
  type ReceivedRecord,
  type Seal,
  SEAL_NONCE_BYTES,
  type SealMoment,
  type SmpClient,
  TimebandError,
  toHex,
  verifySeal,
  verifySealedRecords,
} from '@timeband/protocol';
import { randomBytes } from 'node:crypto';
import { readUnverifiedSeal } from './read-seal.js';
import type { LogSubject } from './subject.js';

export interface FreshSeal {
  readonly bytes: Uint8Array;
  readonly nonce: Uint8Array;
  readonly upto: number;
  readonly moment: SealMoment;
}

/** What a seal says of records. */
export type Proof =
  /** They are what the device's key signed; `id` is the seal's, in hexadecimal. */
  | { readonly verdict: 'sealed'; readonly id: string }
  /** The chain is whole; the signature is one that only gateways of the site can check. */
  | { readonly verdict: 'chained'; readonly reason: string }
  | { readonly verdict: 'refused'; readonly code: string; readonly reason: string }
  /** Nobody asked for a seal, or the device gave none. */
  | { readonly verdict: 'unsealed'; readonly reason: string };

/** Asks for a seal up to a record. @throws SmpError, LinkError, CborError */
export async function askSeal(client: SmpClient, upto: number, now: () => number): Promise<FreshSeal> {
  const nonce = Uint8Array.from(randomBytes(SEAL_NONCE_BYTES));
  const asked = now();
  const bytes = await call(client, COMMAND.seal, { nonce, upto });
  // Seconds are rounded down, so that the answer came before the next one.
  return { bytes, nonce, upto, moment: { asked, answered: now() + 1 } };
}

/** The seal's claims where its signature holds under the device's key. @throws LogError, CborError, CoseError */
export function openSeal({ bytes, nonce }: FreshSeal, { key, site, identity }: LogSubject): Seal {
  const seal =
    key === undefined || site === undefined ? readUnverifiedSeal(bytes) : verifySeal(bytes, key, site);
  if (!equalBytes(seal.nonce, nonce))
    throw new LogError('seal/nonce', 'a seal that answers another nonce: a replay');
  if (!equalBytes(seal.logId, identity.logId)) throw new LogError('seal/log', 'a seal of another log');
  return seal;
}

/** Whether the records, read after `position`, are what the seal is over. */
export function prove(
  fresh: FreshSeal,
  subject: LogSubject,
  position: LogPosition,
  received: readonly ReceivedRecord[],
): { readonly proof: Proof; readonly hash: Uint8Array | undefined } {
  try {
    const { key, site } = subject;
    if (key !== undefined && site !== undefined) {
      const { seal, hash } = verifySealedRecords(fresh.bytes, key, site, fresh.nonce, position, received);
      return { proof: { verdict: 'sealed', id: toHex(seal.id) }, hash };
    }
    const seal = openSeal(fresh, subject);
    const hash = received.reduce((before, { bytes }) => chainHash(before, bytes), position.hash);
    if (!equalBytes(hash, seal.hashLast))
      throw new LogError('log/mismatch', `records up to ${fresh.upto} do not hash to the seal`);
    const reason = 'its key only MACs: the gateways of its site can check that, nobody else';
    return { proof: { verdict: 'chained', reason }, hash };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { proof: { verdict: 'refused', code: error.code, reason: error.message }, hash: undefined };
  }
}
