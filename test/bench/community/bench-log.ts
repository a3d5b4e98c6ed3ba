/** A device's log as the gateway meets it, made as it is needed: its records, and a seal over them. */
import {
  type Certificate,
  chainHash,
  encodeRecord,
  genesisHash,
  logIdOf,
  type PrivateKey,
  randomBytes,
  receiveRecord,
  type SealedRecords,
  signSeal,
  verifySealedRecords,
} from '@timeband/protocol';
import type { Store } from '@timeband/gateway';
import { type Act, STAY_SECONDS } from './residents.js';

export type StoredLog = ReturnType<Store['insertLog']>;

/** Records as a device sent them, with its seal over them, not verified yet. */
export interface SentRecords {
  readonly seal: Uint8Array;
  readonly nonce: Uint8Array;
  readonly records: readonly Uint8Array[];
  /** `h(i)` before the first record, and after each. */
  readonly hashes: readonly Uint8Array[];
}

const BOOT = 3;

export class BenchLog {
  readonly logId: Uint8Array;
  readonly genesis: Uint8Array;
  private seq = 0;
  private uptime = 86_400;
  private hash: Uint8Array;

  constructor(
    private readonly site: string,
    private readonly certificate: Certificate,
    private readonly key: PrivateKey,
  ) {
    const { subject: device, thumbprint } = certificate;
    this.genesis = genesisHash({ site, device, thumbprint, epoch: 1 });
    this.hash = this.genesis;
    this.logId = logIdOf(this.genesis);
  }

  /** Enters it into a store. */
  open(store: Store): StoredLog {
    const { subject: device, bytes: certificate } = this.certificate;
    return store.insertLog({ logId: this.logId, device, epoch: 1, certificate, base: 0, hash: this.genesis });
  }

  /** The next records, in the order in which they were logged. */
  next(acts: readonly Act[]): SentRecords {
    const hashes = [this.hash];
    const salts = randomBytes(8 * acts.length);
    const first = this.seq + 1;
    const records = acts.map(({ kind, body, since }, i) => {
      const bytes = encodeRecord({
        ...{ kind, body, seq: ++this.seq, boot: BOOT, uptime: this.uptime + since },
        ...{ time: { quality: 'unset' }, salt: salts.subarray(8 * i, 8 * i + 8) },
      });
      this.hash = chainHash(this.hash, bytes);
      hashes.push(this.hash);
      return bytes;
    });
    this.uptime += STAY_SECONDS;
    const nonce = randomBytes(16);
    const seal = signSeal(this.key, this.site, {
      ...{ logId: this.logId, first, last: this.seq, nonce },
      ...{ hashBefore: hashes[0] ?? this.hash, hashLast: this.hash },
      ...{ boot: BOOT, uptime: this.uptime, time: { quality: 'unset' } },
    });
    return { seal, nonce, records, hashes };
  }

  /** What the verify step makes of them. */
  verify({ seal, nonce, records }: SentRecords, log: StoredLog): SealedRecords {
    const received = records.map((bytes, i) => receiveRecord(bytes, log.head + 1 + i));
    return verifySealedRecords(seal, this.certificate.key, this.site, nonce, log, received);
  }
}
