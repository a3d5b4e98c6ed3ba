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
  type VerifiedSeal,
} from '@timeband/protocol';
import type { ForwardedLog, WaitingBatch } from '../store/index.js';
import { type AccountedLog, blame, openAccount } from './accounts.js';
import type { AuditContext } from './context.js';
import type { Work } from './slices.js';

export class ForwardCheck {
  /** A line for each stretch of a log that waits. */
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
    stretchesOf(batches).forEach((stretch, i) => {
      const first = stretch[0]?.first ?? 1;
      const head = Math.max(...stretch.map(({ last }) => last));
      const accounted = openAccount({ ...log, base: first - 1, head });
      this.accounts.push(accounted);
      const key = this.keyOf(accounted, log);
      let newest: WaitingBatch | undefined;
      for (const batch of stretch) {
        const seal = this.checkSeal(accounted, batch, key);
        const isHole = newest === undefined && i > 0 && seal !== undefined && seal.first < first;
        if (isHole || (newest !== undefined && !goesOn(newest, batch))) {
          const message = `what waits of ${log.device} does not go on at record ${batch.first}`;
          blame(this.context.findings, accounted, { code: 'forward/chain', message, record: batch.first });
        }
        if (newest === undefined || batch.last > newest.last) newest = batch;
      }
      accounted.account.waiting = head - first + 1;
      accounted.seen = head;
    });
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
    batch: WaitingBatch,
    key: VerificationKey | undefined,
  ): VerifiedSeal | undefined {
    const { seal, last, first, records } = batch;
    const complain = (why: string): void => {
      const message = `the seal over records ${first} to ${last} of ${log.device}, which wait, ${why}`;
      blame(this.context.findings, log, { code: 'forward/seal', message, record: last });
    };
    if (records.length !== last - first + 1) complain('is over another number of them');
    if (key === undefined) return undefined;
    try {
      const sealed = verifySeal(seal, key, this.context.site);
      const isOver =
        equalBytes(sealed.logId, log.logId) &&
        sealed.last === last &&
        equalBytes(sealed.hashLast, hashAt(batch, last));
      if (!isOver) complain('is not over what is stored');
      return sealed;
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      complain(`does not hold: ${error.message}`);
      return undefined;
    }
  }
}

/**
 * Those that follow or overlap one another. Between two stretches lies what the primary read from the device itself; what
 * was read again because it asked for that may overlap what waited.
 */
function stretchesOf(batches: readonly WaitingBatch[]): readonly (readonly WaitingBatch[])[] {
  const stretches: WaitingBatch[][] = [];
  let head = 0;
  for (const batch of batches) {
    const stretch = stretches.at(-1);
    if (stretch === undefined || batch.first > head + 1) stretches.push([batch]);
    else stretch.push(batch);
    head = Math.max(head, batch.last);
  }
  return stretches;
}

function goesOn(from: WaitingBatch, { first, before }: WaitingBatch): boolean {
  return equalBytes(before, hashAt(from, first - 1));
}

/** `h(seq)` for a number up to the batch's last. */
function hashAt({ first, before, records }: WaitingBatch, seq: number): Uint8Array {
  return records.slice(0, seq - first + 1).reduce(chainHash, before);
}
