/** What every language has to be able to say about a receipt. */
import type { ReceiptReport } from '@timeband/protocol';

/** BCP 47. */
export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Why a receipt is not to be believed, as far as a reader can do something about it. */
export type Reason =
  | 'not-a-receipt'
  | 'wrong-place'
  | 'changed'
  | 'other-issuer'
  | 'other-site'
  | 'not-a-gateway'
  | 'expired'
  | 'revoked'
  | 'bad-certificate';

/** What a language has to say. Times are written out already. */
export interface Words {
  readonly good: string;
  readonly refused: string;
  readonly reasons: Readonly<Record<Reason, string>>;
  readonly labels: Readonly<Record<keyof ReceiptLines, string>>;
  readonly values: {
    readonly where: (report: ReceiptReport) => string;
    readonly what: (report: ReceiptReport) => string;
    readonly until: (latest: string) => string;
    readonly service: (number: number) => string;
    readonly minutes: (minutes: number) => string;
    readonly evidence: Readonly<Record<0 | 1 | 2, string>>;
    /** Added to the evidence of a device that only MACs. */
    readonly vouched: string;
    readonly place: (report: ReceiptReport, signed: string) => string;
  };
}

/** The lines of a report, in their order; absent where there is nothing to say. */
export interface ReceiptLines {
  readonly who?: string;
  readonly what: string;
  readonly where: string;
  readonly when: string;
  readonly service?: string;
  readonly minutes?: string;
  readonly evidence: string;
  readonly place: string;
  readonly signer: string;
}
