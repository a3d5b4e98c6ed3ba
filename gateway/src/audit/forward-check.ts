/** What waits for the site's primary: whole, in its chain, and under the seals of its devices (SPEC.md, Forward). */
import {
  chainHash,
  equalBytes,
  genesisHash,
  logIdOf,
  PublicKey,
  TimebandError,
  verifySeal,
  type VerificationKey,
} from '@timeband/protocol';
import type { ForwardedLog, WaitingBatch } from '../store/index.js';
import { type AccountedLog, blame, openAccount } from './accounts.js';
import type { AuditContext } from './context.js';
import type { Work } from './slices.js';

export class ForwardCheck {
  /** A line a log of which something waits. */
  readonly accounts: AccountedLog[] = [];

  constructor(private readonly context: AuditContext) {}

  *run(): Work {
    const { forward } = this.context.store;
    for (const log of forward.logs()) {
      const batches = forward.waiting(log.key);
      if (batches.length === 0) continue;
      this.check(log, batches);
      yield batches.reduce((sum, { records }) => sum + records.length, 0);
    }
  }

  private check(log: ForwardedLog, batches: readonly WaitingBatch[]): void {
    const base = (batches[0]?.first ?? 1) - 1;
    const accounted = openAccount({ ...log, base, head: Math.max(...batches.map(({ last }) => last)) });
    this.accounts.push(accounted);
    const key = this.keyOf(accounted, log);
    let place: { readonly seq: number; readonly hash: Uint8Array } | undefined;
    for (const batch of batches) {
      if (place !== undefined && (batch.first !== place.seq + 1 || !equalBytes(batch.before, place.hash))) {
        const message = `what waits of ${log.device} does not go on at record ${batch.first}`;
        blame(this.context.findings, accounted, { code: 'forward/chain', message, record: batch.first });
      }
      const hash = batch.records.reduce(chainHash, batch.before);
      this.checkSeal(accounted, batch, hash, key);
      place = { seq: batch.last, hash };
      accounted.account.waiting += batch.records.length;
    }
    accounted.seen = accounted.head;
  }

  /** Nothing for a device that only MACs, whose seals nobody can check here. */
  private keyOf(accounted: AccountedLog, log: ForwardedLog): VerificationKey | undefined {
    const { trust, site, findings } = this.context;
    try {
      const demand = { roles: ['reader', 'band'], site, revoked: 'accept' } as const;
      const { key, thumbprint, subject: device } = trust.verifyDevice(log.certificate, demand);
      const genesis = genesisHash({ site, device, thumbprint, epoch: log.epoch, previous: log.previous });
      if (equalBytes(logIdOf(genesis), log.logId)) return key instanceof PublicKey ? key : undefined;
      const message = `the log of ${log.device} does not follow from its certificate`;
      blame(findings, accounted, { code: 'log/genesis', message });
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      const message = `the certificate of ${log.device} does not hold: ${error.message}`;
      blame(findings, accounted, { code: 'log/certificate', message });
    }
    return undefined;
  }

  private checkSeal(
    log: AccountedLog,
    { seal, last, first, records }: WaitingBatch,
    hash: Uint8Array,
    key: VerificationKey | undefined,
  ): void {
    const complain = (why: string): void => {
      const message = `the seal over records ${first} to ${last} of ${log.device}, which wait, ${why}`;
      blame(this.context.findings, log, { code: 'forward/seal', message, record: last });
    };
    if (records.length !== last - first + 1) complain('is over another number of them');
    if (key === undefined) return;
    try {
      const sealed = verifySeal(seal, key, this.context.site);
      const isOver =
        equalBytes(sealed.logId, log.logId) && sealed.last === last && equalBytes(sealed.hashLast, hash);
      if (!isOver) complain('is not over what is stored');
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      complain(`does not hold: ${error.message}`);
    }
  }
}
