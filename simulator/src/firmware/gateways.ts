/**
 * Whom a device believes: gateways that its own issuer certified for its own site and that presented their
 * certificate, or, on a device that only MACs, whoever has its key. One that also answered the device's nonce on this
 * link is introduced (SPEC.md, Ack). Policy says who is believed no longer.
 */
import {
  type Ack,
  type AuthenticationKey,
  type Certificate,
  CLOCK_NONCE_BYTES,
  type ClockDocument,
  type CoseMessage,
  decodeCose,
  type DeviceCertificate,
  DeviceKey,
  equalBytes,
  type HeldPolicy,
  openPolicy,
  openWipe,
  POLICY_TYPE,
  type PolicyDocument,
  PolicyShelf,
  type PolicyType,
  type PublicKey,
  randomBytes,
  type Role,
  TimebandError,
  toHex,
  TrustStore,
  type VerificationKey,
  verifyAck,
  verifyClock,
  type Wipe,
} from '@timeband/protocol';
import { Refusal } from './refusal.js';
import { MAX_MARKS, type TrustPage } from './trust-page.js';

/** Gateways a device remembers at once: a site's few, and no room for a stranger to fill its memory. */
const MAX_GATEWAYS = 4;

/** Stands for the key id of a gateway that speaks under the device's own key. */
const SHARED_KEY = 'shared';

/** Who may be certified at a site. */
const CERTIFIED = ['gateway', 'reader', 'band', 'operator', 'technician'] as const;

export interface TakenPolicy {
  readonly document: PolicyDocument;
  /** `known`: it was taken before, and changed nothing. */
  readonly outcome: 'new' | 'known';
}

export interface Believer {
  readonly site: string;
  readonly device: string;
  readonly issuer: PublicKey;
  /** The device's own; one that only MACs is also what its gateways speak under. */
  readonly key: AuthenticationKey;
  /** What a power cut does not take. */
  readonly trust: TrustPage;
  /** Who may have a session with it. */
  readonly peers: readonly Role[];
}

export class KnownGateways {
  private readonly trust: TrustStore;
  private readonly byKeyId = new Map<string, Certificate>();
  /** Numbers of the documents that are gone by. */
  private readonly inForce = new Map<PolicyType, number>();
  private currentNonce = randomBytes(CLOCK_NONCE_BYTES);
  /** Who has proven himself on this link: a gateway by its key id, or whoever shares this device's key. */
  private introduced: string | undefined;

  constructor(private readonly believer: Believer) {
    this.trust = new TrustStore([believer.issuer]);
    for (const bytes of believer.trust.documents) this.restore(bytes);
  }

  /** The nonce that the next clock document has to answer. */
  get nonce(): Uint8Array {
    return this.currentNonce;
  }

  /** Whether a gateway has proven itself on this link. */
  get isIntroduced(): boolean {
    return this.introduced !== undefined;
  }

  /** The link dropped: whoever comes next has to prove itself anew. */
  forgetIntroduction(): void {
    this.introduced = undefined;
    this.currentNonce = randomBytes(CLOCK_NONCE_BYTES);
  }

  /** A new start: nothing that was in memory is left. */
  forgetAll(): void {
    this.forgetIntroduction();
    this.byKeyId.clear();
  }

  /**
   * A gateway proved itself by a session; without a certificate it is one that shares this device's key. `now` is as below.
   * @throws Refusal, PowerCut
   */
  introduce(certificate: Uint8Array | undefined, now: number | undefined): void {
    this.introduced = certificate === undefined ? SHARED_KEY : this.present(certificate, now);
  }

  /**
   * Takes a gateway's certificate. `now` is Unix seconds of a clock that was set.
   * @returns the name of its key id
   * @throws Refusal, PowerCut
   */
  present(certificate: Uint8Array, now: number | undefined): string {
    const { site, key, trust } = this.believer;
    if (key instanceof DeviceKey) throw new Refusal('notTrusted', 'certificates cannot be checked here');
    const gateway = believe(() => this.trust.verify(certificate, { roles: ['gateway'], site, now }));
    trust.issuedAt(gateway.notBefore);
    const keyId = toHex(gateway.kid);
    this.byKeyId.delete(keyId);
    this.byKeyId.set(keyId, gateway);
    for (const oldest of this.byKeyId.keys()) {
      if (this.byKeyId.size <= MAX_GATEWAYS) break;
      this.byKeyId.delete(oldest);
    }
    return keyId;
  }

  /**
   * Checks the certificate of somebody who wants a session. `now` is as above.
   * @throws CertificateError
   */
  verifyPeer(certificate: Uint8Array, now: number | undefined): Certificate {
    const { site, peers } = this.believer;
    return this.trust.verify(certificate, { roles: peers, site, now });
  }

  /** Checks any certificate of this site. @throws Refusal */
  verifyAny(certificate: Uint8Array, now: number | undefined): DeviceCertificate {
    const { site, key } = this.believer;
    if (key instanceof DeviceKey) throw new Refusal('notTrusted', 'certificates cannot be checked here');
    return believe(() => this.trust.verifyDevice(certificate, { roles: CERTIFIED, site, now }));
  }

  /** The certificate that a gateway of a key id presented. */
  presented(kid: Uint8Array): Uint8Array | undefined {
    return this.byKeyId.get(toHex(kid))?.bytes;
  }

  /** Opens an ack of a known gateway. @throws Refusal */
  openAck(bytes: Uint8Array, now: number | undefined): Ack {
    return this.open(bytes, now, verifyAck).document;
  }

  /** Opens a clock document that answers the nonce, which is thereby spent. @throws Refusal, PowerCut */
  openClock(bytes: Uint8Array, now: number | undefined): ClockDocument {
    const { document, gateway } = this.open(bytes, now, verifyClock);
    if (document.device !== this.believer.device) {
      throw new Refusal('notTrusted', `a clock document for ${document.device}`);
    }
    if (!equalBytes(document.nonce, this.currentNonce)) {
      throw new Refusal('staleNonce', 'the clock document answers another nonce');
    }
    if (document.wall !== undefined) this.refuseImpossible(document.wall, gateway);
    this.currentNonce = randomBytes(CLOCK_NONCE_BYTES);
    this.introduced = gateway === undefined ? SHARED_KEY : toHex(gateway.kid);
    if (document.wall !== undefined) this.believer.trust.given(document.wall);
    return document;
  }

  /** The policy documents that are gone by, of each type the newest. */
  get policies(): readonly HeldPolicy[] {
    const held = Array.from(this.inForce, ([type, number]) => ({ type: POLICY_TYPE[type], number }));
    return held.sort((a, b) => a.type - b.type);
  }

  /** Takes a policy document, never one older than what was taken before. @throws Refusal, PowerCut */
  takePolicy(bytes: Uint8Array, now: number | undefined): TakenPolicy {
    const { trust } = this.believer;
    const shelf = new PolicyShelf(trust.marks);
    const taken = believe(() => {
      const document = this.openPolicy(bytes, now);
      return { document, outcome: shelf.put(document) };
    });
    if (shelf.marks.length > MAX_MARKS)
      throw new Refusal('notTrusted', 'policy of more keys than there is room for');
    if (taken.outcome === 'new') trust.keep(shelf.marks, taken.document);
    this.enforce(taken.document, now);
    return taken;
  }

  /** Opens an order to forget the key of a thumbprint. @throws Refusal */
  openWipe(bytes: Uint8Array, thumbprint: Uint8Array, now: number | undefined): Wipe {
    const { site, device, key } = this.believer;
    const source = key instanceof DeviceKey ? key : this.trust;
    return believe(() => openWipe(bytes, { source, site, device, thumbprint, now }));
  }

  private openPolicy(bytes: Uint8Array, now: number | undefined): PolicyDocument {
    const { site, key } = this.believer;
    return openPolicy(bytes, key instanceof DeviceKey ? key : this.trust, { site, now });
  }

  private enforce({ content, signer, number }: PolicyDocument, now: number | undefined): void {
    this.inForce.set(content.type, number);
    if (content.type === 'revocations') {
      this.trust.revoke(signer, content.revocations);
      this.forgetRevoked(now);
    }
    if (content.type === 'keys' && !(this.believer.key instanceof DeviceKey)) {
      for (const certificate of content.certificates) this.meet(certificate, signer, now);
    }
  }

  /** An issuer that another one introduces. One that does not hold spoils none of the others. */
  private meet(certificate: Uint8Array, introducedBy: Uint8Array, now: number | undefined): void {
    try {
      this.trust.introduce(certificate, this.trust.speaker(introducedBy, now), now);
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
    }
  }

  private forgetRevoked(now: number | undefined): void {
    for (const [keyId, gateway] of this.byKeyId) {
      if (!this.isRevoked(gateway, now)) continue;
      this.byKeyId.delete(keyId);
      if (this.introduced === keyId) this.forgetIntroduction();
    }
  }

  private isRevoked(gateway: Certificate, now: number | undefined): boolean {
    const revocation = this.trust.revocationOf(gateway);
    return revocation !== undefined && (now === undefined || now >= revocation.at);
  }

  /** Goes by a document that was taken before the power went. Damaged flash is as if it was never taken. */
  private restore(bytes: Uint8Array): void {
    try {
      this.enforce(this.openPolicy(bytes, undefined), undefined);
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
    }
  }

  /** A gateway far off would lock later ones out: no time before the floor, none that its certificate does not reach. */
  private refuseImpossible(wall: number, gateway: Certificate | undefined): void {
    const { timeFloor } = this.believer.trust;
    if (wall < timeFloor) throw new Refusal('notTrusted', `a time before ${timeFloor}, which has passed`);
    if (gateway !== undefined && wall >= gateway.expires) {
      throw new Refusal('notTrusted', `a time beyond the certificate of ${gateway.subject}`);
    }
  }

  private open<Document extends { readonly gateway: string }>(
    bytes: Uint8Array,
    now: number | undefined,
    verify: (message: CoseMessage, key: VerificationKey, site: string) => Document,
  ): { readonly document: Document; readonly gateway: Certificate | undefined } {
    const { site, key } = this.believer;
    const message = believe(() => decodeCose(bytes));
    if (key instanceof DeviceKey) {
      return { document: believe(() => verify(message, key, site)), gateway: undefined };
    }
    this.forgetRevoked(now);
    const gateway = this.byKeyId.get(toHex(message.kid));
    if (gateway === undefined || (now !== undefined && now >= gateway.expires)) {
      throw new Refusal('unknownGateway', 'no valid certificate of the signer was presented');
    }
    const document = believe(() => verify(message, gateway.key, site));
    if (document.gateway !== gateway.subject) {
      throw new Refusal('notTrusted', `signed by ${gateway.subject} in the name of ${document.gateway}`);
    }
    return { document, gateway };
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
