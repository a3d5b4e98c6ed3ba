/**
 * Takes an account out of a database: every record that names it is replaced by one that names a pseudonym, and what it was goes by hash
 * only. What is chained and signed goes over those hashes and holds; minutes stay what they were. Two operators approve it, by keys that are
 * not on the box, and what they approve is exactly these replacements.
 */
import {
  approvedBody,
  encode,
  equalBytes,
  eraseAction,
  erasureRoot,
  erasureSubject,
  readErase,
  sha256,
  type Approval,
  verifyApprovals,
} from '@timeband/protocol';
import { ExpectedError } from '../expected-error.js';
import type { ErasedRow, NamedRecord, Store } from '../store/index.js';
import type { Approvers } from '../verify/index.js';
import { substituteOf } from './substitute.js';

/** Why it cannot be done. */
export class ErasureRefusal extends ExpectedError {
  override readonly name = 'ErasureRefusal';
}

export interface ErasureOptions {
  readonly store: Store;
  /** Hash of the event at a position, made again from the store. */
  readonly eventHash: (position: number) => Uint8Array;
  readonly account: string;
  readonly pseudonym: string;
  /** Random, 32 bytes, kept by nobody. */
  readonly salt: Uint8Array;
  /** Whether a city has to have everything first. */
  readonly hasUplink: boolean;
}

type Planned = Omit<ErasedRow, 'erasure'> & {
  readonly logId: Uint8Array;
  readonly bytes: Uint8Array;
  readonly action: ReturnType<typeof substituteOf>['action'];
};

/** The action that operators are to approve. @throws ErasureRefusal */
export function planErasure(options: ErasureOptions, at: number, nonce: Uint8Array): Uint8Array {
  const { pseudonym, salt, account } = options;
  const planned = plan(options);
  return eraseAction({
    ...{ nonce, at, pseudonym, records: planned.length, root: erasureRoot(planned.map(asErased)) },
    subject: erasureSubject(salt, account),
  });
}

/** @returns how many records were replaced @throws ErasureRefusal; RecordError `record/approval` */
export function erase(
  options: ErasureOptions & { readonly site: string; readonly approvers: Approvers },
  action: Uint8Array,
  approvals: readonly Approval[],
): number {
  const { store, account, pseudonym, salt, site, approvers } = options;
  const body = approvedBody(action, approvals);
  const read = readErase(body);
  verifyApprovals({ kind: 'erase', value: read }, { site, ...approvers });
  const { action: says } = read;
  const planned = plan(options);
  const isSame =
    says.pseudonym === pseudonym &&
    says.records === planned.length &&
    equalBytes(says.subject, erasureSubject(salt, account)) &&
    equalBytes(says.root, erasureRoot(planned.map(asErased)));
  if (!isSame)
    throw new ErasureRefusal(
      `what was approved is not what is in the database: there are ${planned.length} records that name ${account}. Make the file again, and have it approved again.`,
    );
  store.erasures.wipeFreed();
  store.transaction(() => {
    const erasure = store.erasures.add(says.at, encode(body));
    for (const { bytes, action: renamed, log, seq, digest, eventHash, substitute } of planned) {
      store.erasures.replace({ erasure, log, seq, digest, eventHash, substitute }, bytes);
      if (renamed !== undefined) store.erasures.renameAction(renamed.before, renamed.after);
    }
    store.erasures.rename(account, pseudonym);
    store.erasures.forgetQuarantined(encode(account));
  });
  store.erasures.settle();
  return planned.length;
}

function plan({ store, eventHash, account, pseudonym, salt, hasUplink }: ErasureOptions): Planned[] {
  if (store.ledger.account(pseudonym) !== undefined || store.ledger.bindingsOf(pseudonym).length > 0)
    throw new ErasureRefusal(`there is an account ${pseudonym} already`);
  const named = store.erasures.recordsWith(encode(account));
  if (named.length === 0) throw new ErasureRefusal(`no record names ${account}`);
  const newest = Math.max(...named.map(({ event }) => event ?? 0));
  if (hasUplink && store.uplink.cursor < newest)
    throw new ErasureRefusal(
      'the city has not confirmed all events that name it: let the gateway send them first',
    );
  return named.map((record) => planOne(record, account, pseudonym, salt, eventHash));
}

function planOne(
  { log, seq, logId, bytes, event }: NamedRecord,
  account: string,
  pseudonym: string,
  salt: Uint8Array,
  eventHash: (position: number) => Uint8Array,
): Planned {
  const substitute = substituteOf(bytes, account, pseudonym, salt);
  return {
    ...{ log, seq, logId, digest: sha256(bytes), eventHash: event === null ? null : eventHash(event) },
    ...{ bytes: substitute.bytes, action: substitute.action, substitute: sha256(substitute.bytes) },
  };
}

function asErased({ logId, seq, digest, eventHash, substitute }: Planned) {
  return { logId, seq, digest, eventHash: eventHash ?? undefined, substitute };
}
