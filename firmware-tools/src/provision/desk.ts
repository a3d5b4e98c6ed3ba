/** A technician's desk: the site's issuer, its register, and what follows from both (SPEC.md, Trust, Register). */
import {
  ALG,
  type Certificate,
  type CertifiedKey,
  type CertifiedParty,
  deriveDeviceKey,
  type DeviceKey,
  equalBytes,
  issueCertificate,
  keyThumbprint,
  MAX_GATEWAY_SECONDS,
  openIssuerCertificate,
  openPolicy,
  openRootCertificate,
  PrivateKey,
  type RegisterNote,
  type Revocation,
  type RevocationReason,
  type Role,
  signPolicy,
  TimebandError,
  TrustStore,
} from '@timeband/protocol';
import { ProvisionError } from './errors.js';
import { RegisterFile } from './register-file.js';

const DAY = 86_400;
/** A certificate begins a little before its making, for clocks that are behind. */
const LEAD_SECONDS = 3_600;
/** From now on, beside the lead: an hour. */
const DESK_DAYS = (2 * LEAD_SECONDS) / DAY;
/** How long each is certified for, unless told otherwise. */
export const VALID_DAYS: Readonly<Partial<Record<Role, number>>> = {
  ...{ reader: 1_825, band: 1_825, technician: 365, operator: 365, gateway: MAX_GATEWAY_SECONDS / DAY },
};

export interface DeskOptions {
  readonly issuerKey: PrivateKey;
  /** CWT bytes of the issuer, and of the root where one certified it. */
  readonly issuer: Uint8Array;
  readonly root?: Uint8Array | undefined;
  /** Path. */
  readonly register: string;
  /** The site's master, 32 bytes, where there are devices that only MAC. */
  readonly master?: Uint8Array | undefined;
  /** Who approves enrolments: an operator. */
  readonly operatorKey?: PrivateKey | undefined;
  /** Unix seconds. */
  readonly now: () => number;
}

export class Desk {
  readonly site: string;
  readonly trust: TrustStore;
  private readonly issuer: Certificate;
  private ownParty: CertifiedParty | undefined;
  private readonly file: RegisterFile;

  /** @throws ProvisionError `desk/site`, `desk/busy` */
  constructor(private readonly options: DeskOptions) {
    const { issuerKey, register, now } = options;
    const { trust, issuer } = believed(options);
    if (!equalBytes(issuer.thumbprint, keyThumbprint(issuerKey.publicKey))) {
      throw new ProvisionError('desk/site', 'the issuer key is not the one of the issuer certificate');
    }
    this.site = issuer.site;
    this.trust = trust;
    this.issuer = issuer;
    this.file = RegisterFile.open(register, { site: issuer.site, trust });
    if (this.register.entries.length === 0) {
      this.file.append(issuerKey, now(), { what: 'opened', certificate: issuer.bytes });
    }
  }

  get register(): RegisterFile['register'] {
    return this.file.register;
  }

  get registerFile(): string {
    return this.file.file;
  }

  get now(): number {
    return this.options.now();
  }

  get issuerKey(): PrivateKey {
    return this.options.issuerKey;
  }

  get operatorKey(): PrivateKey | undefined {
    return this.options.operatorKey;
  }

  /** What trust begins with, for a device. */
  get anchors(): readonly Uint8Array[] {
    const { issuer, root } = this.options;
    return root === undefined ? [issuer] : [issuer, root];
  }

  /** Notes something, as the issuer. It is on disk when this returns. */
  note(note: RegisterNote): void {
    this.file.append(this.options.issuerKey, this.now, note);
  }

  /**
   * What the desk proves itself with on the radio: a key of its own, certified as a technician's for an hour, which stands in the
   * register as any certificate does.
   */
  get technician(): CertifiedParty {
    this.ownParty ??= this.makeTechnician();
    return this.ownParty;
  }

  /** Whether a device was granted and the register does not say yet that it took it. */
  get isOwed(): boolean {
    return [...this.register.standings].some(({ state }) => state === 'granted');
  }

  /** A certificate by the issuer. @throws CertificateError */
  certify(subject: string, role: Role, key: CertifiedKey, days = VALID_DAYS[role] ?? 365): Uint8Array {
    const notBefore = this.now - LEAD_SECONDS;
    const expires = Math.min(notBefore + Math.round(days * DAY), this.issuer.expires);
    return issueCertificate(this.options.issuerKey, {
      ...{ issuer: this.issuer.subject, subject, role, site: this.site, notBefore, expires, key },
    });
  }

  /** The key of a device that only MACs, of its first generation. @throws ProvisionError without a master */
  deviceKey(device: string, generation: number): DeviceKey {
    const { master } = this.options;
    if (master === undefined) {
      throw new ProvisionError(
        'desk/site',
        'this device only MACs, so its key is derived from the site master: give --master',
      );
    }
    return deriveDeviceKey(master, { site: this.site, device }, generation);
  }

  /** An id that the register has never given: `band-7`. */
  freeId(role: string, taken: ReadonlySet<string>): string {
    const used = new Set(taken);
    for (const { note } of this.register.entries) if ('device' in note) used.add(note.device);
    for (let number = 1; ; number++) if (!used.has(`${role}-${number}`)) return `${role}-${number}`;
  }

  /** Takes a device's key out of trust, in a new list that stands in the register. @throws ProvisionError `device/unknown` */
  revoke(device: string, reason: RevocationReason): { readonly number: number; readonly keys: number } {
    const standing = this.register.byDevice(device);
    if (standing === undefined) {
      throw new ProvisionError('device/unknown', `the register knows no device ${device} to revoke`);
    }
    const { thumbprint } = standing.certified;
    const { number: before, revocations } = this.revoked();
    const others = revocations.filter((one) => !equalBytes(one.thumbprint, thumbprint));
    const list = [...others, { thumbprint, at: this.now, reason }];
    const number = before + 1;
    const policy = signPolicy(
      this.options.issuerKey,
      { number, issued: this.now, site: this.site },
      { type: 'revocations', revocations: list },
    );
    this.note({ what: 'revoked', device, policy });
    return { number, keys: list.length };
  }

  /** Whether a device's key was revoked. */
  isRevoked(thumbprint: Uint8Array): boolean {
    return this.register.isRevoked(thumbprint);
  }

  private makeTechnician(): CertifiedParty {
    const key = PrivateKey.generate();
    const certificate = this.certify('desk', 'technician', key.publicKey, DESK_DAYS);
    this.note({ what: 'certified', certificate });
    const { trust, site } = this;
    return { key, certificate, verify: (bytes) => trust.verify(bytes, { roles: ['reader', 'band'], site }) };
  }

  close(): void {
    this.file.close();
  }

  private revoked(): { readonly number: number; readonly revocations: readonly Revocation[] } {
    const policy = this.register.revocationPolicy;
    if (policy === undefined) return { number: 0, revocations: [] };
    const { number, content } = openPolicy(policy, this.trust, { site: this.site });
    return { number, revocations: content.type === 'revocations' ? [...content.revocations] : [] };
  }
}

/** @throws ProvisionError `desk/site` */
function believed({ issuer, root }: DeskOptions): {
  readonly trust: TrustStore;
  readonly issuer: Certificate;
} {
  try {
    if (root === undefined) {
      const certificate = openIssuerCertificate(issuer);
      return { trust: new TrustStore([certificate]), issuer: certificate };
    }
    const trust = new TrustStore([openRootCertificate(root)]);
    return { trust, issuer: trust.addIssuer(issuer) };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    throw new ProvisionError('desk/site', `the issuer certificate does not hold: ${error.message}`);
  }
}

/** By what name a device's certificate knows a key. */
export function certifiedName(key: DeviceKey): CertifiedKey {
  return { algorithm: ALG.HMAC256, thumbprint: key.thumbprint };
}
