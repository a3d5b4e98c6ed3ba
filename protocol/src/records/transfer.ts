/** Transfer: minutes that go from one account to another (SPEC.md, Transfer). */
import type { CborMap } from '../cbor/index.js';
import type { Proof } from '../evidence/proof.js';
import { actionBytes, readApproved, type Approved } from './actions.js';
import { id, oneOf, proof, reference, uint, unixSeconds } from './field-types.js';
import { bodyCodec, contradiction, optional, required } from './layout.js';

export const TRANSFER_SORT = { gift: 1, donation: 2, grant: 3, settlement: 4, welcome: 5 } as const;
export type TransferSort = keyof typeof TRANSFER_SORT;

export interface Transfer {
  /** Random, 16 bytes: makes the action different from every other. */
  readonly nonce: Uint8Array;
  /** When it was decided, Unix seconds. */
  readonly at: number;
  readonly sort: TransferSort;
  readonly from: string;
  readonly to: string;
  /** Whole minutes, at least 1. */
  readonly minutes: number;
  /** The operator who wrote it down, and who cannot approve it. */
  readonly recorder?: string | undefined;
  /** The giver's consent, where the giver has a band. */
  readonly proof?: Proof | undefined;
}

const TRANSFER = bodyCodec<Transfer>(
  'transfer',
  {
    nonce: required(1, reference),
    at: required(2, unixSeconds),
    sort: required(3, oneOf(TRANSFER_SORT)),
    from: required(4, id),
    to: required(5, id),
    minutes: required(6, uint(1)),
    recorder: optional(7, id),
    proof: optional(8, proof),
  },
  (transfer) => {
    if (transfer.from === transfer.to) throw contradiction('transfer: from an account to itself');
  },
);

/** The action that two operators approve. @throws CborError, RecordError */
export function transferAction(transfer: Transfer): Uint8Array {
  return actionBytes(TRANSFER, transfer);
}

/** @throws CborError `cbor/shape`, RecordError `record/kind` */
export function readTransfer(body: CborMap): Approved<Transfer> {
  return readApproved(TRANSFER, body);
}
