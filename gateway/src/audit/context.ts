/** What an audit goes over: a state of the store, taken at one moment, with what the gateway's word is verified by. */
import {
  type Certificate,
  equalBytes,
  EventVerifier,
  readUnverifiedCertificate,
  type TrustStore,
} from '@timeband/protocol';
import type { Store } from '../store/index.js';
import { type AccountedLog, openAccount } from './accounts.js';
import { Findings } from './findings.js';

export interface AuditOptions {
  readonly store: Store;
  readonly site: string;
  readonly trust: TrustStore;
  /** Certificates of this gateway that may not be in the store, not yet verified. */
  readonly certificates?: readonly Uint8Array[];
  /** Whether the city has to confirm events: those that it has not are waiting. */
  readonly hasUplink: boolean;
}

/** Records and events come only on top of what was there, so that it is enough to remember where each log ended. */
export interface AuditContext {
  readonly store: Store;
  readonly site: string;
  /** Whose events these are. */
  readonly gateway: string;
  readonly trust: TrustStore;
  readonly findings: Findings;
  /** By their keys in the store. */
  readonly logs: ReadonlyMap<number, AccountedLog>;
  /** Position of the last event. */
  readonly head: number;
  /** Events up to here need nobody's confirmation any more. */
  readonly confirmed: number;
  /** The gateway's certificates that hold, by key id in hexadecimal. */
  readonly signers: readonly Certificate[];
  readonly verifier: EventVerifier;
}

export function openAudit(options: AuditOptions): AuditContext {
  const { store, site, trust, certificates = [], hasUplink } = options;
  const findings = new Findings();
  const logs = new Map(store.audit.logs().map((log) => [log.key, openAccount(log)]));
  const head = store.lastCommit()?.last ?? 0;
  const confirmed = hasUplink ? store.uplink.cursor : head;
  const known = [...store.epochs.signers(), ...certificates];
  const signers = signersOf(known, { site, trust, findings });
  const gateway = known[0] === undefined ? '' : readUnverifiedCertificate(known[0]).subject;
  for (const { kid, certificate } of store.audit.signers()) {
    if (signers.every((signer) => !equalBytes(signer.bytes, certificate) || equalBytes(signer.kid, kid)))
      continue;
    const message = 'a certificate under which events were signed is kept under another key id';
    findings.add({ code: 'signer/untrusted', message });
  }
  const verifier = new EventVerifier();
  for (const signer of signers) verifier.trust(signer);
  return { store, site, gateway, trust, findings, logs, head, confirmed, signers, verifier };
}

/** A revoked key's word is still good for what it signed before: that is for people to judge. */
function signersOf(
  certificates: readonly Uint8Array[],
  { site, trust, findings }: Pick<AuditContext, 'site' | 'trust' | 'findings'>,
): Certificate[] {
  return certificates.flatMap((bytes) => {
    try {
      return trust.verify(bytes, { roles: ['gateway'], site, revoked: 'accept' });
    } catch (error) {
      findings.add({
        code: 'signer/untrusted',
        message: `a certificate under which events were signed does not hold: ${(error as Error).message}`,
      });
      return [];
    }
  });
}
