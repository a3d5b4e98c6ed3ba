/**
 * A site's register: every device that was given to it and taken from it, in entries that are signed and chained, so
 * that none can be changed, left out or put in later (SPEC.md, Register). In a file each entry is a line.
 */
import { concat, equalBytes } from '../bytes.js';
import { decodeCose, externalAad, sign1, verifySign1 } from '../cose/index.js';
import { type PrivateKey, sha256 } from '../crypto/index.js';
import {
  type Certificate,
  type DeviceCertificate,
  readUnverifiedCertificate,
  type TrustStore,
} from '../cwt/index.js';
import { RegisterError, TimebandError } from '../errors.js';
import { openPolicy, type RevocationList } from '../policy/index.js';
import { decodeEntry, encodeEntry, type RegisterEntry, type RegisterNote } from './entry.js';

/** Before the first entry. */
const BEGINNING = new Uint8Array(32);

/** A device as the register has it by now. */
export interface DeviceStanding {
  readonly entry: Extract<RegisterNote, { what: 'granted' | 'issued' }>;
  readonly certified: DeviceCertificate;
  /** `granted`: it was about to get its certificate, and nothing says that it did. */
  readonly state: 'granted' | 'issued' | 'wiped';
}

export interface RegisterOptions {
  readonly site: string;
  /** Believes the site's issuer. */
  readonly trust: TrustStore;
}

export class Register {
  private head: Uint8Array = BEGINNING;
  private readonly all: RegisterEntry[] = [];
  private readonly people = new Map<string, Certificate>();
  /** By thumbprint, in the order in which they came. */
  private readonly devices = new Map<string, DeviceStanding>();
  private revocations: Uint8Array | undefined;
  private revoked: RevocationList | undefined;

  constructor(private readonly options: RegisterOptions) {}

  get entries(): readonly RegisterEntry[] {
    return this.all;
  }

  /** Chain hash of the newest entry, 32 bytes. */
  get hash(): Uint8Array {
    return this.head;
  }

  get standings(): Iterable<DeviceStanding> {
    return this.devices.values();
  }

  /** Certificates of people and gateways. */
  get certificates(): Iterable<Certificate> {
    return this.people.values();
  }

  /** The newest signed list of revoked keys. */
  get revocationPolicy(): Uint8Array | undefined {
    return this.revocations;
  }

  /** Whether the newest list has a key, 32 bytes of thumbprint. */
  isRevoked(thumbprint: Uint8Array): boolean {
    return [...(this.revoked ?? [])].some((one) => equalBytes(one.thumbprint, thumbprint));
  }

  /** The device of a key. */
  byThumbprint(thumbprint: Uint8Array): DeviceStanding | undefined {
    return this.devices.get(keyOf(thumbprint));
  }

  /** The key that a device has or is to have now: the one that came last and was not wiped. */
  byDevice(device: string): DeviceStanding | undefined {
    return this.newest(({ entry, state }) => entry.device === device && state !== 'wiped');
  }

  /** The newest entry of a piece of hardware. */
  bySerial(serial: string): DeviceStanding | undefined {
    return this.newest(({ entry }) => entry.serial === serial);
  }

  /**
   * Signs what is noted next, as the issuer or as a technician who was entered before. It counts once {@link take} has
   * taken it.
   */
  draft(key: PrivateKey, at: number, note: RegisterNote): Uint8Array {
    const { site } = this.options;
    const number = this.all.length + 1;
    return sign1(
      key,
      externalAad('register', site),
      encodeEntry({ number, previous: this.head, at, site, note }),
    );
  }

  /**
   * Takes the next entry.
   * @throws RegisterError `register/shape`, `register/chain`, `register/signature`; nothing has changed then
   */
  take(bytes: Uint8Array): RegisterEntry {
    const place = `entry ${this.all.length + 1}`;
    try {
      const message = decodeCose(bytes);
      const payload = verifySign1(
        message,
        this.signerOf(message.kid),
        externalAad('register', this.options.site),
      );
      const entry = decodeEntry(payload);
      const { number, previous, site, note } = entry;
      if (number !== this.all.length + 1 || !equalBytes(previous, this.head) || site !== this.options.site) {
        throw new RegisterError('register/chain', `${place} does not follow the one before it`);
      }
      if ((note.what === 'opened') !== (number === 1)) {
        throw new RegisterError('register/shape', `${place}: a register is opened once, by its first entry`);
      }
      this.refuseUnentitled(message.kid, note);
      this.apply(note);
      this.head = sha256(concat(this.head, sha256(payload)));
      this.all.push(entry);
      return entry;
    } catch (error) {
      if (!(error instanceof TimebandError) || error instanceof RegisterError) throw error;
      const code = /^(cbor|policy)\//.test(error.code) ? 'register/shape' : 'register/signature';
      throw new RegisterError(code, `${place}: ${error.message}`, { cause: error.code });
    }
  }

  /** The issuer, or a technician whose certificate was entered before. @throws CertificateError */
  private signerOf(kid: Uint8Array) {
    const technician = this.people.get(keyOf(kid));
    return (technician ?? this.options.trust.speaker(kid)).key;
  }

  /** A technician may note what she wiped, and nothing else. */
  private refuseUnentitled(kid: Uint8Array, { what }: RegisterNote): void {
    const person = this.people.get(keyOf(kid));
    if (person !== undefined && (person.role !== 'technician' || what !== 'wiped')) {
      throw new RegisterError('register/signature', `a ${person.role} may not enter what was ${what}`);
    }
  }

  private apply(note: RegisterNote): void {
    const { site, trust } = this.options;
    switch (note.what) {
      case 'opened':
        if (readUnverifiedCertificate(note.certificate).role !== 'issuer') {
          throw new RegisterError('register/shape', 'a register is opened by its issuer');
        }
        break;
      case 'certified': {
        const roles = ['gateway', 'operator', 'technician'] as const;
        const certificate = trust.verify(note.certificate, { roles, site, revoked: 'accept' });
        this.people.set(keyOf(certificate.kid), certificate);
        break;
      }
      case 'granted':
      case 'issued': {
        const demand = { roles: ['reader', 'band'], site, revoked: 'accept' } as const;
        const certified = trust.verifyDevice(note.certificate, demand);
        if (certified.subject !== note.device) {
          throw new RegisterError(
            'register/shape',
            `a certificate of ${certified.subject} for ${note.device}`,
          );
        }
        const name = keyOf(certified.thumbprint);
        this.devices.delete(name);
        this.devices.set(name, { entry: note, certified, state: note.what });
        break;
      }
      case 'revoked': {
        const document = openPolicy(note.policy, trust, { site });
        if (document.content.type !== 'revocations') {
          throw new RegisterError('register/shape', 'a policy that revokes nothing');
        }
        this.revocations = note.policy;
        this.revoked = document.content.revocations;
        break;
      }
      case 'wiped': {
        const name = keyOf(note.thumbprint);
        const known = this.devices.get(name);
        if (known !== undefined) this.devices.set(name, { ...known, state: 'wiped' });
        break;
      }
    }
  }

  private newest(wanted: (standing: DeviceStanding) => boolean): DeviceStanding | undefined {
    return [...this.devices.values()].findLast(wanted);
  }
}

function keyOf(bytes: Uint8Array): string {
  return bytes.subarray(0, 8).join('.');
}
