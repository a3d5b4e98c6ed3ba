/**
 * Which gateways a device believes: those that its own issuer certified for its own site and that presented their
 * certificate. One that also answered the device's nonce on this link is introduced (SPEC.md, Ack, Clock).
 */
import {
  type Ack,
  type Certificate,
  CLOCK_NONCE_BYTES,
  type ClockDocument,
  type CoseMessage,
  decodeCose,
  equalBytes,
  type PublicKey,
  randomBytes,
  TimebandError,
  toHex,
  TrustStore,
  verifyAck,
  verifyClock,
} from '@timeband/protocol';
import { Refusal } from './refusal.js';

/** Gateways a device remembers at once: a site's few, and no room for a stranger to fill its memory. */
const MAX_GATEWAYS = 4;

export class KnownGateways {
  private readonly trust: TrustStore;
  private readonly byKeyId = new Map<string, Certificate>();
  private currentNonce = randomBytes(CLOCK_NONCE_BYTES);
  private introduced = false;

  constructor(
    private readonly site: string,
    private readonly device: string,
    issuer: PublicKey,
  ) {
    this.trust = new TrustStore([issuer]);
  }

  /** The nonce that the next clock document has to answer. */
  get nonce(): Uint8Array {
    return this.currentNonce;
  }

  /** Whether a gateway has proven itself on this link. */
  get isIntroduced(): boolean {
    return this.introduced;
  }

  /** The link dropped: whoever comes next has to prove itself anew. */
  forgetIntroduction(): void {
    this.introduced = false;
    this.currentNonce = randomBytes(CLOCK_NONCE_BYTES);
  }

  /** A new start: nothing that was in memory is left. */
  forgetAll(): void {
    this.forgetIntroduction();
    this.byKeyId.clear();
  }

  /** Takes a gateway's certificate. `now` is Unix seconds of a clock that was set. @throws Refusal */
  present(certificate: Uint8Array, now: number | undefined): void {
    const gateway = believe(() =>
      this.trust.verify(certificate, { roles: ['gateway'], site: this.site, now }),
    );
    const keyId = toHex(gateway.kid);
    this.byKeyId.delete(keyId);
    this.byKeyId.set(keyId, gateway);
    for (const oldest of this.byKeyId.keys()) {
      if (this.byKeyId.size <= MAX_GATEWAYS) break;
      this.byKeyId.delete(oldest);
    }
  }

  /** Opens an ack of a known gateway. @throws Refusal */
  openAck(bytes: Uint8Array, now: number | undefined): Ack {
    return this.open(bytes, now, verifyAck);
  }

  /** Opens a clock document that answers the nonce, which is thereby spent. @throws Refusal */
  openClock(bytes: Uint8Array, now: number | undefined): ClockDocument {
    const document = this.open(bytes, now, verifyClock);
    if (document.device !== this.device) {
      throw new Refusal('notTrusted', `a clock document for ${document.device}`);
    }
    if (!equalBytes(document.nonce, this.currentNonce)) {
      throw new Refusal('staleNonce', 'the clock document answers another nonce');
    }
    this.currentNonce = randomBytes(CLOCK_NONCE_BYTES);
    this.introduced = true;
    return document;
  }

  private open<Document extends { readonly gateway: string }>(
    bytes: Uint8Array,
    now: number | undefined,
    verify: (message: CoseMessage, key: PublicKey, site: string) => Document,
  ): Document {
    const message = believe(() => decodeCose(bytes));
    const gateway = this.byKeyId.get(toHex(message.kid));
    if (gateway === undefined || (now !== undefined && now >= gateway.expires)) {
      throw new Refusal('unknownGateway', 'no valid certificate of the signer was presented');
    }
    const document = believe(() => verify(message, gateway.key, this.site));
    if (document.gateway !== gateway.subject) {
      throw new Refusal('notTrusted', `signed by ${gateway.subject} in the name of ${document.gateway}`);
    }
    return document;
  }
}

/** What does not verify is refused; the reason stays with the device. */
function believe<T>(verify: () => T): T {
  try {
    return verify();
  } catch (error) {
    if (error instanceof TimebandError) throw new Refusal('notTrusted', error.message);
    throw error;
  }
}
