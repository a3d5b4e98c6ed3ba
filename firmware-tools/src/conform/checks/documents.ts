/** What gateways hand down (SPEC.md, Put, Policy). */
import {
  COMMAND,
  equalBytes,
  keyId,
  KIND,
  MAX_PUT_BYTES,
  POLICY_TYPE,
  PUT_WHAT,
  RC,
} from '@timeband/protocol';
import { checksOf } from '../check.js';
import { expect } from '../verdict.js';
import { describe } from '../connection.js';
import type { Lab } from '../lab.js';
import { readRecordClaims } from '../readings.js';
import { encode, keyThumbprint, REFUSAL } from '@timeband/protocol';
import { rawRequest } from './packets-of.js';

const PIECE = 40;

/** A piece as it stands, also one that nobody should send. */
function piece(fields: readonly (readonly [number, number | Uint8Array])[]) {
  return rawRequest(COMMAND.put, encode(new Map(fields)));
}

/** @throws Nonconformity unless a policy document is refused with 3 */
async function refused(lab: Lab, bytes: Uint8Array, what: string): Promise<void> {
  const { body, refusal } = await lab.put('policy', bytes);
  expect(
    refusal?.rc === REFUSAL.notTrusted,
    `${what}: refusal 3 (notTrusted) is wanted, it answered ${describe(body)}`,
  );
}

function held(lab: Lab, type: number): Promise<number> {
  return lab
    .call(COMMAND.policies, undefined)
    .then((policies) => policies.find((policy) => policy.type === type)?.number ?? 0);
}

export const DOCUMENTS = checksOf('documents', [
  {
    id: 'documents-order',
    section: 'Put',
    title: 'answers a piece that is not the next one with the offset that it wants, and goes on there',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      const number = await lab.nextNumber(POLICY_TYPE.catalogue);
      const bytes = lab.authority.policy(number, { type: 'catalogue', body: new Map() });
      const at = (offset: number) => ({
        ...({ what: 'policy', offset, data: bytes.subarray(offset, offset + PIECE) } as const),
        total: offset === 0 ? bytes.length : undefined,
      });
      const first = await lab.call(COMMAND.put, at(0));
      expect(first.next === PIECE, `after ${PIECE} bytes it wants offset ${first.next}`);
      const skipped = await lab.call(COMMAND.put, at(2 * PIECE));
      expect(
        skipped.next === PIECE,
        `a piece was left out, and it wants offset ${skipped.next}, not ${PIECE}`,
      );
      const again = await lab.call(COMMAND.put, at(PIECE));
      expect(again.next === 2 * PIECE, `after ${2 * PIECE} bytes it wants offset ${again.next}`);
    },
  },
  {
    id: 'documents-bad-pieces',
    section: 'Put',
    title: 'refuses pieces that are empty, overhang, or announce too much with 3',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      const what = [1, PUT_WHAT.policy] as const;
      const data = new Uint8Array(8);
      const empty = piece([what, [2, 0], [3, new Uint8Array()], [4, 10]]);
      await lab.rejects(empty, RC.invalid, 'an empty piece');
      await lab.rejects(piece([what, [2, 0], [3, data], [4, 4]]), RC.invalid, 'a piece beyond its total');
      await lab.rejects(piece([what, [2, 0], [3, data]]), RC.invalid, 'a first piece without a total');
      await lab.rejects(
        piece([what, [2, 0], [3, data], [4, MAX_PUT_BYTES + 1]]),
        RC.invalid,
        `a document of ${MAX_PUT_BYTES + 1} bytes`,
      );
      await lab.rejects(
        piece([
          [1, 99],
          [2, 0],
          [3, data],
          [4, 8],
        ]),
        RC.invalid,
        'a document of kind 99',
      );
    },
  },
  {
    id: 'documents-policy',
    section: 'Policy',
    title: 'takes a policy document of its issuer, says so, and logs it',
    needs: ['issuer'],
    run: async (lab) => {
      const before = (await lab.status()).head;
      await lab.introduce();
      const number = await lab.nextNumber(POLICY_TYPE.rules);
      await lab.hand('policy', lab.authority.policy(number, { type: 'rules', body: new Map() }));
      const now = await held(lab, POLICY_TYPE.rules);
      expect(now === number, `it took number ${number} and says that it holds ${now}`);
      const logged = (await lab.records(before + 1)).map(readRecordClaims);
      const isSaid = logged.some(({ kind, body }) => kind === KIND.policy && body.get(2) === number);
      expect(isSaid, 'it took a policy document, and its log does not say so');
    },
  },
  {
    id: 'documents-policy-again',
    section: 'Policy',
    title: 'changes nothing for a policy document that it has',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      const number = await lab.nextNumber(POLICY_TYPE.rules);
      const document = lab.authority.policy(number, { type: 'rules', body: new Map() });
      await lab.hand('policy', document);
      const { head } = await lab.status();
      await lab.hand('policy', document);
      const after = await lab.status();
      expect(after.head === head, 'it logged the same policy document twice');
    },
  },
  {
    id: 'documents-policy-older',
    section: 'Policy',
    title: 'refuses a policy document of a lower number with 3',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      await lab.nextNumber(POLICY_TYPE.rules);
      const number = await lab.nextNumber(POLICY_TYPE.rules);
      await lab.hand('policy', lab.authority.policy(number, { type: 'rules', body: new Map() }));
      await refused(
        lab,
        lab.authority.policy(number - 1, { type: 'rules', body: new Map() }),
        'an older document',
      );
      const now = await held(lab, POLICY_TYPE.rules);
      expect(now === number, `it held number ${number}, and now ${now}`);
    },
  },
  {
    id: 'documents-policy-other',
    section: 'Policy',
    title: 'refuses another policy document under a number that it has with 3',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      const number = await lab.nextNumber(POLICY_TYPE.rules);
      await lab.hand('policy', lab.authority.policy(number, { type: 'rules', body: new Map() }));
      const other = lab.authority.policy(number, { type: 'rules', body: new Map([[1, 1]]) });
      await refused(lab, other, 'another document under the same number');
    },
  },
  {
    id: 'documents-policy-signature',
    section: 'Policy',
    title: 'refuses a policy document that its issuer did not sign with 3',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      const number = await lab.nextNumber(POLICY_TYPE.rules);
      const document = { type: 'rules', body: new Map<number, number>() } as const;
      const forged = lab.authority.policy(number, document, lab.authority.stranger());
      await refused(lab, forged, 'a document by a stranger');
      await refused(lab, lab.authority.policy(number, document, lab.gateway.key), 'a document by a gateway');
    },
  },
  {
    id: 'documents-revocation',
    section: 'Revocations',
    title: 'believes a revoked gateway no longer: neither its ack (4) nor its hello (3)',
    needs: ['issuer'],
    run: async (lab) => {
      const upto = await lab.logSomething();
      const { seal } = await lab.seal(upto);
      const revoked = lab.authority.gateway({ id: 'revoked' });
      await lab.hello(revoked);
      const thumbprint = keyThumbprint(revoked.key.publicKey);
      const number = await lab.nextNumber(POLICY_TYPE.revocations);
      const revocations = [{ thumbprint, at: lab.now() - 1 }];
      await lab.hand('policy', lab.authority.policy(number, { type: 'revocations', revocations }));
      const ack = revoked.ack({ logId: await lab.logId(), upto, hash: seal.hashLast });
      await lab.refuses(COMMAND.ack, ack, 'unknownGateway', 'an ack of a gateway that was revoked');
      await lab.refuses(
        COMMAND.hello,
        revoked.certificate,
        'notTrusted',
        '"hello" of a gateway that was revoked',
      );
    },
  },
  {
    id: 'documents-certificate',
    section: 'Put',
    title: 'keeps a certificate that it was handed, and shows it by its key',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      const other = lab.authority.gateway({ id: 'a-band', role: 'band' });
      await lab.hand('certificate', other.certificate);
      const shown = await lab.call(COMMAND.certificate, keyId(other.key.publicKey));
      expect(equalBytes(shown, other.certificate), 'it shows another certificate than it was handed');
    },
  },
  {
    id: 'documents-certificate-stranger',
    section: 'Put',
    title: 'keeps no certificate of a stranger (3)',
    needs: ['issuer'],
    run: async (lab) => {
      await lab.introduce();
      const other = lab.authority.gateway({ id: 'a-band', role: 'band', by: lab.authority.stranger() });
      const { body, refusal } = await lab.put('certificate', other.certificate);
      expect(refusal?.rc === REFUSAL.notTrusted, `a stranger's certificate got ${describe(body)}`);
    },
  },
]);
