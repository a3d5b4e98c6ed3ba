/** Loss of power between any two commands (SPEC.md, Forks, Flash, What a device keeps). */
import {
  COMMAND,
  DEVICE_EVENT,
  equalBytes,
  type Identity,
  keyThumbprint,
  KIND,
  POLICY_TYPE,
} from '@timeband/protocol';
import { type Check, checksOf } from '../check.js';
import { expect } from '../verdict.js';
import { describe } from '../connection.js';
import type { Lab } from '../lab.js';
import { readRecordClaims } from '../readings.js';

/** How a log stands. */
interface Standing {
  readonly identity: Identity;
  readonly head: number;
  readonly sealed: number;
  /** Records that nobody acknowledged. */
  readonly records: readonly Uint8Array[];
}

async function standing(lab: Lab): Promise<Standing> {
  const identity = await lab.identity();
  const { head, sealed } = await lab.status();
  return { identity, head, sealed, records: await lab.records(identity.acked + 1) };
}

/** What the device is asked last before its power goes, and what that adds to what it must not forget. */
interface Step {
  readonly name: string;
  readonly title: string;
  readonly run: (
    lab: Lab,
  ) => Promise<{ readonly sealed?: number; readonly acked?: number; readonly head?: number }>;
}

const STEPS: readonly Step[] = [
  {
    name: 'hello',
    title: 'a gateway said hello',
    run: async (lab) => {
      await lab.hello();
      return {};
    },
  },
  {
    name: 'clock',
    title: 'its clock was set',
    run: async (lab) => {
      await lab.hello();
      await lab.call(COMMAND.clock, await lab.clock());
      return {};
    },
  },
  {
    name: 'record',
    title: 'it logged a record',
    run: async (lab) => {
      await lab.introduce();
      const number = await lab.nextNumber(POLICY_TYPE.catalogue);
      const { head } = await lab.status();
      await lab.hand('policy', lab.authority.policy(number, { type: 'catalogue', body: new Map() }));
      return { head: head + 1 };
    },
  },
  {
    name: 'read',
    title: 'its records were read',
    run: async (lab) => {
      const { oldest } = await lab.identity();
      await lab.call(COMMAND.records, { from: oldest });
      return {};
    },
  },
  {
    name: 'seal',
    title: 'it sealed',
    run: async (lab) => {
      const { head } = await lab.status();
      await lab.seal(head);
      return { sealed: head };
    },
  },
  {
    name: 'ack',
    title: 'an ack was applied',
    run: async (lab) => {
      const { head } = await lab.status();
      const { seal } = await lab.seal(head);
      await lab.hello();
      await lab.call(
        COMMAND.ack,
        lab.gateway.ack({ logId: await lab.logId(), upto: head, hash: seal.hashLast }),
      );
      return { acked: head };
    },
  },
];

async function survives(lab: Lab, { run }: Step): Promise<void> {
  await lab.logSomething();
  const before = await standing(lab);
  const { head = before.head, sealed = before.sealed, acked = before.identity.acked } = await run(lab);
  await lab.restart();
  const after = await standing(lab);
  const { identity } = after;
  expect(identity.epoch === before.identity.epoch, `a new epoch, ${identity.epoch}: records are gone`);
  expect(equalBytes(identity.logId, before.identity.logId), 'its log has another name');
  expect(after.head >= head, `its newest record was ${head}, and is ${after.head}`);
  expect(after.sealed >= sealed, `it had sealed up to ${sealed}, and says ${after.sealed}`);
  expect(identity.acked >= acked, `acknowledged was ${acked}, and is ${identity.acked}`);
  const from = Math.max(acked, before.identity.acked) + 1;
  for (let seq = from; seq <= before.head; seq++) {
    const told = before.records[seq - before.identity.acked - 1];
    const now = after.records[seq - identity.acked - 1];
    const isSame = told !== undefined && now !== undefined && equalBytes(told, now);
    expect(isSame, `record ${seq} is another one than before`);
  }
  // What was logged last has not been read: by its start it is known.
  const last = after.records[head - identity.acked - 1];
  const told = before.records.at(-1);
  const isKept =
    last === undefined || told === undefined || readRecordClaims(last).boot === readRecordClaims(told).boot;
  expect(isKept, `record ${head} was logged before, and its number was used again`);
}

/** A policy in force before it lost its power is in force after. */
async function keepsRevocation(lab: Lab): Promise<void> {
  await lab.introduce();
  const revoked = lab.authority.gateway({ id: 'revoked' });
  await lab.hello(revoked);
  const number = await lab.nextNumber(POLICY_TYPE.revocations);
  const revocations = [{ thumbprint: keyThumbprint(revoked.key.publicKey), at: lab.now() - 1 }];
  await lab.hand('policy', lab.authority.policy(number, { type: 'revocations', revocations }));
  await lab.restart();
  await lab.refuses(
    COMMAND.hello,
    revoked.certificate,
    'notTrusted',
    'after a restart "hello" of a revoked gateway',
  );
}

export const POWER: readonly Check[] = checksOf('power', [
  ...STEPS.map((step) => ({
    id: `power-after-${step.name}`,
    section: step.name === 'seal' || step.name === 'ack' ? 'Forks' : 'Flash',
    title: `loses no record, seal or ack when its power goes right after ${step.title}`,
    needs: ['issuer', 'power'] as const,
    run: (lab: Lab) => survives(lab, step),
  })),
  {
    id: 'power-boot',
    section: 'Device',
    title: 'counts a start, and logs it',
    needs: ['power'],
    run: async (lab) => {
      const before = await lab.identity();
      const { head } = await lab.status();
      await lab.restart();
      const after = await lab.identity();
      expect(after.boot > before.boot, `it was start ${before.boot}, and is ${after.boot}`);
      const records = (await lab.records(Math.max(head + 1, after.oldest))).map(readRecordClaims);
      expect(
        records.some(
          ({ kind, boot, body }) =>
            kind === KIND.device && boot === after.boot && body.get(1) === DEVICE_EVENT.boot,
        ),
        `no record says that start ${after.boot} began`,
      );
    },
  },
  {
    id: 'power-introduction',
    section: 'Clock',
    title: 'knows no gateway after a start: feedback is refused with 8',
    needs: ['power'],
    run: async (lab) => {
      if (lab.facts.isUntrusted) return; // there the session introduces
      await lab.restart();
      const { head } = await lab.status();
      await lab.refuses(
        COMMAND.feedback,
        { seq: head, outcome: 'queued' },
        'notIntroduced',
        'feedback right after a start',
      );
    },
  },
  {
    id: 'power-documents',
    section: 'Put',
    title: 'takes no policy from who was not introduced since the start (8)',
    needs: ['issuer', 'power'],
    run: async (lab) => {
      if (lab.facts.isUntrusted) return;
      const number = await lab.nextNumber(POLICY_TYPE.rules);
      await lab.restart();
      const { body, refusal } = await lab.put(
        'policy',
        lab.authority.policy(number, { type: 'rules', body: new Map() }),
      );
      expect(
        refusal?.rc === 8,
        `policy right after a start: refusal 8 is wanted, it answered ${describe(body)}`,
      );
    },
  },
  {
    id: 'power-nonce',
    section: 'Clock',
    title: 'shows another nonce after a start',
    needs: ['power'],
    run: async (lab) => {
      const before = await lab.call(COMMAND.clockNonce, undefined);
      await lab.restart();
      const after = await lab.call(COMMAND.clockNonce, undefined);
      expect(!equalBytes(before, after), 'the nonce of an earlier start');
    },
  },
  {
    id: 'power-clock',
    section: 'Record',
    title: 'does not say that its clock is set before a gateway has set it in this start',
    needs: ['power'],
    run: async (lab) => {
      await lab.restart();
      const { seal } = await lab.seal();
      expect(seal.quality !== 2, 'right after a start a seal says that the clock is set');
    },
  },
  {
    id: 'power-revocation',
    section: 'What a device keeps',
    title: 'still refuses a revoked gateway after a start',
    needs: ['issuer', 'power'],
    run: keepsRevocation,
  },
  {
    id: 'power-policy-number',
    section: 'What a device keeps',
    title: 'still refuses an older policy document after a start',
    needs: ['issuer', 'power'],
    run: async (lab) => {
      await lab.introduce();
      await lab.nextNumber(POLICY_TYPE.rules);
      const number = await lab.nextNumber(POLICY_TYPE.rules);
      await lab.hand('policy', lab.authority.policy(number, { type: 'rules', body: new Map() }));
      await lab.restart();
      await lab.introduce();
      const older = lab.authority.policy(number - 1, { type: 'rules', body: new Map() });
      const { body, refusal } = await lab.put('policy', older);
      expect(
        refusal?.rc === 3,
        `an older document after a start: refusal 3 is wanted, it answered ${describe(body)}`,
      );
    },
  },
  {
    id: 'power-time-floor',
    section: 'What a device keeps',
    title: 'still refuses a time that has passed after a start',
    needs: ['issuer', 'power'],
    run: async (lab) => {
      await lab.introduce();
      await lab.restart();
      await lab.hello();
      const passed = await lab.clock(lab.now() - 86_400);
      await lab.refuses(COMMAND.clock, passed, 'notTrusted', 'the time of yesterday after a start');
    },
  },
]);
