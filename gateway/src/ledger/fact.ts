/** What a published record says to the ledger, before it is known of whom. */
import type {
  ActivityPhase,
  CorrectionSort,
  Evidence,
  ReleaseReason,
  TimeInterval,
  TransferSort,
} from '@timeband/protocol';
import type { Presence } from './claim.js';
import type { Place } from './place.js';

export interface Fact {
  /** Position of the event. */
  readonly event: number;
  readonly place: Place;
  readonly time: TimeInterval;
  readonly says: FactSays;
}

export type FactSays =
  | {
      readonly kind: 'punch';
      readonly direction: 'in' | 'out';
      readonly service: number;
      readonly by: Presence;
      /** What it is called on a roster, where that is not its band. */
      readonly shown?: string | undefined;
    }
  | {
      readonly kind: 'attest';
      readonly provider: string;
      readonly recipient: string;
      readonly service: number;
      readonly seconds: number;
      readonly minutes: number;
      readonly evidence: Evidence;
      readonly act: string;
    }
  | {
      readonly kind: 'session';
      readonly accounts: readonly string[];
      readonly service: number;
      readonly started: number;
      readonly ended: number;
    }
  | {
      readonly kind: 'activity';
      /** Id, in hexadecimal. */
      readonly activity: string;
      readonly phase: ActivityPhase;
      readonly service: number;
      /** Account. */
      readonly organiser: string;
      readonly capacity: number;
      /** Unix seconds; from opened on. */
      readonly started: number;
      /** When closed, as are the others. Unix seconds. */
      readonly ended: number;
      readonly attended: number;
      /** SHA-256 over who was there, in hexadecimal. */
      readonly roster: string;
    }
  | {
      readonly kind: 'hold';
      readonly redemption: string;
      readonly service: number;
      readonly price: number;
      readonly catalogue: number;
      readonly offline: boolean;
      readonly by: Presence;
    }
  | { readonly kind: 'capture'; readonly redemption: string }
  | { readonly kind: 'release'; readonly redemption: string; readonly reason: ReleaseReason | undefined }
  | {
      readonly kind: 'transfer';
      readonly from: string;
      readonly to: string;
      readonly minutes: number;
      readonly sort: TransferSort;
      readonly action: string;
    }
  | {
      readonly kind: 'correct';
      readonly account: string;
      readonly sort: CorrectionSort;
      readonly service: number | undefined;
      readonly minutes: number;
      readonly action: string;
    }
  | {
      readonly kind: 'enrol';
      readonly step: 'issued' | 'replaced' | 'revoked';
      readonly account: string;
      readonly band: string;
      /** Whether the band has a key of its own. */
      readonly hasKey: boolean;
      readonly replaces: string | undefined;
      readonly action: string;
    };
