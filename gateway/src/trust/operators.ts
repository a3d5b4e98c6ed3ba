/**
 * Operators: people whose keys are not on this box, and whose certificates are, so that what they approved can be
 * verified (SPEC.md, Approvals).
 */
import {
  type Operator,
  readUnverifiedCertificate,
  TimebandError,
  toHex,
  type TrustStore,
} from '@timeband/protocol';

export interface OperatorsOptions {
  readonly site: string;
  readonly trust: TrustStore;
  /** Certificates of whatever roles, not yet verified. */
  readonly certificates: Iterable<Uint8Array>;
}

export class Operators {
  private readonly byKid = new Map<string, readonly Uint8Array[]>();

  constructor(private readonly options: OperatorsOptions) {
    for (const bytes of options.certificates) this.learn(bytes);
  }

  /**
   * The operator of a key id, if a certificate of hers was valid at `at`, Unix seconds. A key that is revoked by now
   * approves nothing any more, whatever time is named: whoever has it names what he likes.
   */
  find(kid: Uint8Array, at: number): Operator | undefined {
    const { site, trust } = this.options;
    for (const bytes of this.byKid.get(toHex(kid)) ?? []) {
      const certificate = attempt(() => trust.verify(bytes, { roles: ['operator'], site, now: at }));
      if (certificate !== undefined && trust.revocationOf(certificate) === undefined) return certificate;
    }
    return undefined;
  }

  private learn(bytes: Uint8Array): void {
    const claims = attempt(() => readUnverifiedCertificate(bytes));
    if (claims?.role !== 'operator') return;
    const name = toHex(claims.kid);
    this.byKid.set(name, [...(this.byKid.get(name) ?? []), bytes]);
  }
}

/** What does not verify is nobody's. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return undefined;
  }
}
