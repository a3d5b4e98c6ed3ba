/**
 * What gateways hand down to a device in pieces: policy that it goes by and logs, receipts and certificates that it
 * keeps (SPEC.md, Put).
 */
import {
  type CborMap,
  decodeCose,
  decodeReceipt,
  decodeStrict,
  type DeviceCertificate,
  equalBytes,
  Fields,
  KIND,
  policyBody,
  type PolicyReceived,
  POLICY_TYPE,
  type Put,
  type PutDocument,
  type PutState,
  type PutWhat,
  receivePut,
  sha256,
  TimebandError,
  toHex,
} from '@timeband/protocol';
import type { KnownGateways } from './gateways.js';
import { Refusal } from './refusal.js';

/** The newest ones are kept: a receipt has up to 8 KiB, a certificate some 200 bytes. */
const MAX_RECEIPTS = 4;
const MAX_CERTIFICATES = 8;

export interface InboxOptions {
  readonly gateways: KnownGateways;
  /** Unix seconds of a clock that a gateway set. */
  readonly now: () => number | undefined;
  /** Logs a record, where there is room. @throws PowerCut */
  readonly log: (kind: number, body: CborMap) => void;
  /** Follows a grant or an order to forget, or refuses it. @throws Refusal, PowerCut */
  readonly own: Readonly<Record<OwnDocument, (bytes: Uint8Array) => void>>;
}

/** Documents about the device itself: they are signed for themselves, whoever brings them. */
type OwnDocument = 'grant' | 'wipe';
const NEEDS_INTRODUCTION: Readonly<Record<PutWhat, boolean>> = {
  ...{ policy: true, certificate: true, receipt: false, grant: false, wipe: false },
};

export class Inbox {
  private state: PutState = { state: 'idle' };
  private readonly certificates = new Map<string, Uint8Array>();
  private kept: readonly Uint8Array[] = [];
  /** Hash of the policy that was refused last: a gateway that tries again does not fill the log. */
  private refused: Uint8Array | undefined;

  constructor(private readonly options: InboxOptions) {}

  /** Receipts as they were handed over, the newest last. */
  get receipts(): readonly Uint8Array[] {
    return this.kept;
  }

  /** A certificate that somebody presented or handed over. */
  certificate(kid: Uint8Array): Uint8Array | undefined {
    return this.options.gateways.presented(kid) ?? this.certificates.get(toHex(kid));
  }

  /** Keeps the certificate of somebody who was met, or handed over. */
  keepCertificate({ kid, bytes }: Pick<DeviceCertificate, 'kid' | 'bytes'>): void {
    const name = toHex(kid);
    this.certificates.delete(name);
    this.certificates.set(name, bytes);
    for (const oldest of this.certificates.keys()) {
      if (this.certificates.size <= MAX_CERTIFICATES) break;
      this.certificates.delete(oldest);
    }
  }

  /** Takes a piece; with the last one the document takes effect. @throws Refusal, CborError, PowerCut */
  put(piece: Put): { readonly next: number } {
    if (NEEDS_INTRODUCTION[piece.what] && !this.options.gateways.isIntroduced) {
      throw new Refusal('notIntroduced', 'no clock document on this link yet');
    }
    const { state, next, document } = receivePut(this.state, piece);
    // A document that is refused is as if it had never come: its last piece, repeated, must not look like a success.
    this.state = document === undefined ? state : { state: 'idle' };
    if (document !== undefined) this.take(document);
    this.state = state;
    return { next };
  }

  /** The link dropped: whoever comes next begins anew. */
  forgetPieces(): void {
    this.state = { state: 'idle' };
  }

  /** A new start: what was in memory is gone. */
  forgetAll(): void {
    this.forgetPieces();
    this.certificates.clear();
    this.kept = [];
    this.refused = undefined;
  }

  /** Takes a policy document, goes by it from then on, and logs that. @throws Refusal, PowerCut */
  takePolicy(bytes: Uint8Array): void {
    try {
      const { document, outcome } = this.options.gateways.takePolicy(bytes, this.options.now());
      const { content, number, payload } = document;
      const type = POLICY_TYPE[content.type];
      if (outcome === 'new') this.log({ type, number, hash: sha256(payload), outcome: 'applied' });
    } catch (error) {
      if (error instanceof Refusal) this.logRefusal(bytes);
      throw error;
    }
  }

  private take({ what, bytes }: PutDocument): void {
    switch (what) {
      case 'policy':
        this.takePolicy(bytes);
        break;
      case 'receipt':
        this.keepReceipt(bytes);
        break;
      case 'grant':
      case 'wipe':
        this.options.own[what](bytes);
        break;
      case 'certificate':
        this.keepCertificate(this.options.gateways.verifyAny(bytes, this.options.now()));
        break;
    }
  }

  /** Kept for its wearer, who has it checked elsewhere: a band does not know the whole log of a gateway. */
  private keepReceipt(bytes: Uint8Array): void {
    if (!isReceipt(bytes)) throw new Refusal('notTrusted', 'not a receipt');
    const others = this.kept.filter((receipt) => !equalBytes(receipt, bytes));
    this.kept = [...others, bytes].slice(-MAX_RECEIPTS);
  }

  /** Says which document was refused, where it says itself which it is. */
  private logRefusal(bytes: Uint8Array): void {
    const claimed = claimsOf(bytes);
    if (claimed === undefined || (this.refused !== undefined && equalBytes(claimed.hash, this.refused)))
      return;
    this.refused = claimed.hash;
    this.log({ ...claimed, outcome: 'refused' });
  }

  private log(received: PolicyReceived): void {
    this.options.log(KIND.policy, policyBody(received));
  }
}

function isReceipt(bytes: Uint8Array): boolean {
  return reading(() => decodeReceipt(bytes)) !== undefined;
}

/** What a document says that it is, unverified. */
function claimsOf(bytes: Uint8Array): Pick<PolicyReceived, 'type' | 'number' | 'hash'> | undefined {
  return reading(() => {
    const payload = decodeCose(bytes).payload ?? new Uint8Array();
    const fields = Fields.of(decodeStrict(payload), 'policy');
    const [type, number] = [fields.uint(1), fields.uint(2)];
    return type === 0 ? undefined : { type, number, hash: sha256(payload) };
  });
}

function reading<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}
