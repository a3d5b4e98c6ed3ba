/** A box whose issuer makes policy, readers that it comes to, and what becomes of it there. */
import {
  decodeRecord,
  type Event,
  KIND,
  type NewPunch,
  type PolicyDraft,
  type PolicyReceived,
  readPolicy,
  type Revocation,
  sha256,
  signPolicy,
} from '@timeband/protocol';
import {
  createSimulatedReader,
  type SimulatedReader,
  type SimulatedReaderOptions,
} from '@timeband/simulator';
import { Box, START } from './box.js';
import { SITE } from './centre.js';

export class PolicyBox extends Box {
  /** A reader that signs in no time, or whatever else the options say. */
  device(options: Partial<SimulatedReaderOptions> = {}): SimulatedReader {
    return createSimulatedReader({
      ...{ site: SITE, issuerKey: this.issuerKey, id: 'reader-1', timers: this.timers },
      settings: { signMs: 0 },
      ...options,
    });
  }

  sign(number: number, draft: PolicyDraft): Uint8Array {
    return signPolicy(this.issuerKey, { number, issued: START, site: SITE }, draft);
  }

  /** Puts a revocation list in force, and returns it as it was signed. */
  revoke(number: number, ...revocations: readonly Revocation[]): Uint8Array {
    const document = this.sign(number, { type: 'revocations', revocations });
    this.policies.take(document);
    return document;
  }
}

/** Up to 256 keys that nobody has: a list of several pieces. */
export function many(count: number): Revocation[] {
  return Array.from({ length: count }, (_, i) => ({ thumbprint: sha256(Uint8Array.of(i)), at: START }));
}

export function punch(n: number): NewPunch {
  return {
    proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3, 4, 5, 6) },
    direction: n % 2 === 0 ? 'in' : 'out',
    service: 101,
  };
}

/** Why a device refuses something, or that it takes it. */
export function outcome(action: () => void): string {
  try {
    action();
    return 'taken';
  } catch (error) {
    return (error as { reason?: string }).reason ?? String(error);
  }
}

/** What devices say of policy that came to them. */
export function policyRecords(events: readonly Event[]): PolicyReceived[] {
  return events
    .map(({ record }) => decodeRecord(record))
    .filter(({ kind }) => kind === KIND.policy)
    .map(({ body }) => readPolicy(body));
}
