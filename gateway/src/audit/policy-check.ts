/** The policy in force, each document under the signature of who may say it (SPEC.md, Policy). */
import { equalBytes, openPolicy, policyDigest, TimebandError, toHex } from '@timeband/protocol';
import type { PolicyRow } from '../store/index.js';
import type { AuditContext } from './context.js';
import type { Work } from './slices.js';

export function* checkPolicies(context: AuditContext): Work {
  const { store, findings } = context;
  // One may be signed by a key that another one introduces.
  let waiting = store.policy.all();
  let problems = new Map<PolicyRow, string>();
  for (let before = Infinity; waiting.length < before;) {
    before = waiting.length;
    problems = new Map(waiting.flatMap((row) => problemOf(row, context)));
    waiting = waiting.filter((row) => problems.has(row));
    yield 0;
  }
  for (const [{ type, number, signer }, problem] of problems) {
    findings.add({
      code: 'policy/refused',
      message: `${type} number ${number} of ${toHex(signer)} does not hold: ${problem}`,
    });
  }
}

/** @returns the row and its problem, or nothing; a document that introduces keys has then done so */
function problemOf(row: PolicyRow, { trust, site }: AuditContext): readonly (readonly [PolicyRow, string])[] {
  try {
    const document = openPolicy(row.bytes, trust, { site });
    const { content, number, payload, signer } = document;
    if (content.type !== row.type || number !== row.number || !equalBytes(signer, row.signer)) {
      return [[row, 'it is kept under another type, number or key']];
    }
    if (!equalBytes(policyDigest(payload), row.digest)) return [[row, 'it was changed']];
    if (content.type === 'keys') {
      const by = trust.speaker(signer);
      for (const certificate of content.certificates) trust.introduce(certificate, by);
    }
    return [];
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return [[row, error.message]];
  }
}
