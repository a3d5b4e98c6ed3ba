/** What a running gateway is asked over its control socket. Bytes travel in base64. */
import { proveRecordByDigests, toBase64 } from '@timeband/protocol';
import type { Store } from '../store/index.js';
import type { ControlRoute } from './control.js';
import type { RunningGateway } from './running-gateway.js';
import type { OwnCertificateAnswer } from './own-certificate.js';
import { maintenanceRoutes } from './maintenance.js';

/** Answer to `/receipt?seq=` or `/receipt?device=&record=`. */
export interface ReceiptAnswer {
  readonly seq: number;
  readonly receipt: string;
}

/** Answer to `/head`. `size` is the number of events. */
export interface HeadAnswer {
  readonly size: number;
  readonly head: string;
}

/** Answer to `/consistency?from=`. */
export interface ConsistencyAnswer {
  readonly receipt: string;
}

/** Answer to `/proof?device=&record=`, and `&epoch=` of the device's log. */
export interface ProofAnswer {
  readonly proof: string;
}

export function controlRoutes({
  report,
  receipts,
  proofs,
  maintenance,
  ownCertificate,
}: Pick<RunningGateway, 'report' | 'receipts' | 'proofs' | 'maintenance' | 'ownCertificate'>): Readonly<
  Record<string, ControlRoute>
> {
  return {
    ...maintenanceRoutes(maintenance),
    '/status': report,
    '/certificate': (): OwnCertificateAnswer => ownCertificate.look(),
    '/receipt': async (query): Promise<ReceiptAnswer | undefined> => {
      const device = query.get('device');
      const seq = device === null ? count(query, 'seq') : await receipts.find(device, count(query, 'record'));
      if (seq === undefined) return undefined;
      const receipt = await receipts.receipt(seq);
      return receipt && { seq, receipt: toBase64(receipt) };
    },
    '/head': async (): Promise<HeadAnswer | undefined> => {
      const head = await receipts.head();
      return head && { size: head.says.size, head: toBase64(head.bytes) };
    },
    '/consistency': async (query): Promise<ConsistencyAnswer | undefined> => {
      const receipt = await receipts.consistency(count(query, 'from'));
      return receipt && { receipt: toBase64(receipt) };
    },
    '/proof': (query): ProofAnswer | undefined => {
      const epoch = query.has('epoch') ? count(query, 'epoch') : undefined;
      const proof = proofOf(proofs, query.get('device') ?? '', count(query, 'record'), epoch);
      return proof && { proof: toBase64(proof) };
    },
  };
}

/** Proves one record to the seal over it; of the records after it there are only hashes. */
function proofOf(
  proofs: Store['proofs'],
  device: string,
  seq: number,
  epoch: number | undefined,
): Uint8Array | undefined {
  const found = proofs.find(device, seq, epoch);
  if (found === undefined) return undefined;
  const { later, bytes: record, ...rest } = found;
  return proveRecordByDigests({ seq, record, ...rest }, later);
}

/** 0, which nothing has, for what is no count. */
function count(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name));
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : 0;
}
