/** What it should not forget when its power goes, or should (SPEC.md, Forks, Flash, What a device keeps). */
import {
  COMMAND,
  DEVICE_EVENT,
  decodeRecord,
  deviceBody,
  encodeRecord,
  KIND,
  REFUSAL,
  TIMEBAND_GROUP,
  TrustStore,
} from '@timeband/protocol';
import { type Behaviour, changingAnswer, type FaultContext } from '../faults/behaviour.js';
import { resealing } from './answers.js';
import { breaks, isOf, reading, taking, together } from './break.js';
import { clocking, putting } from './credulous.js';

const LONG_AGO_SECONDS = 3_600;

export const POWER_BREAKS = breaks({
  'forgets-seal': {
    description: 'a seal is not in flash when it is answered',
    check: 'power-after-seal',
    create: (context) => forgetting(context, COMMAND.seal),
  },
  'forgets-ack': {
    description: 'an ack is not in flash when it is answered',
    check: 'power-after-ack',
    create: (context) => forgetting(context, COMMAND.ack),
  },
  'forgets-record': {
    description: 'a record is not in flash when it can be read',
    check: 'power-after-record',
    create: (context) => forgetting(context, COMMAND.put),
  },
  'counts-no-starts': {
    description: 'its boot counter stays where it is',
    check: 'power-boot',
    create: ({ reader }) => {
      const { boot } = reader.identity();
      return changingAnswer(COMMAND.identity, (identity) => ({ ...identity, boot }));
    },
  },
  'stays-introduced': {
    description: 'after a start it shows feedback of whoever comes',
    check: 'power-introduction',
    create: () =>
      taking(
        COMMAND.feedback,
        (_, rc) => rc === REFUSAL.notIntroduced,
        () => undefined,
      ),
  },
  'stays-set': {
    description: 'after a start it says that its clock is set',
    check: 'power-clock',
    create: (context) =>
      resealing(context, (seal) =>
        seal.time.quality === 'free-running'
          ? { ...seal, time: { quality: 'set', wall: seal.time.wall, age: 0 } }
          : undefined,
      ),
  },
  'forgets-revocation': {
    description: 'a start undoes revocations',
    check: 'power-revocation',
    create: ({ issuer, site }) =>
      afterPower(
        taking(
          COMMAND.hello,
          (certificate) =>
            reading(() => new TrustStore([issuer]).verify(certificate, { roles: ['gateway'], site })) !==
            undefined,
          () => undefined,
        ),
      ),
  },
  'forgets-policy-number': {
    description: 'after a start it takes older policy documents',
    check: 'power-policy-number',
    create: (context) => afterPower(putting(context, 'policy', ({ isSigned }) => isSigned)),
  },
  'forgets-time': {
    description: 'after a start it takes a time that has passed',
    check: 'power-time-floor',
    create: (context) =>
      afterPower(
        clocking(context, ({ wall }, rc) => {
          const time = context.reader.clock.time();
          const now = time.quality === 'unset' ? 0 : time.wall;
          return rc === REFUSAL.notTrusted && wall < now - LONG_AGO_SECONDS;
        }),
      ),
  },
  'step-unlogged': {
    description: 'it does not log when its clock is moved back',
    check: 'clock-step',
    create: () => ({
      onRecord: (bytes) => {
        const record = decodeRecord(bytes);
        if (record.kind !== KIND.device || record.body.get(1) !== DEVICE_EVENT.clockStep) return undefined;
        return encodeRecord({ ...record, body: deviceBody({ event: 'queue', waiting: 0 }) });
      },
    }),
  },
});

/** Flash is as it was before this command, when the power goes before anything else was asked. */
function forgetting(
  { flash }: FaultContext,
  command: { readonly id: number; readonly op: 'read' | 'write' },
): Behaviour {
  let before: Uint8Array | undefined;
  return {
    onRequest: (packet) => {
      if (packet.group !== TIMEBAND_GROUP) return undefined;
      before = isOf(packet, command, 'request') ? flash.image() : undefined;
      return undefined;
    },
    onPower: () => {
      if (before !== undefined) flash.restore(before);
      before = undefined;
      return undefined;
    },
  };
}

/** Begins with the first start after it was set. */
function afterPower(behaviour: Behaviour): Behaviour {
  let isOn = false;
  return together(
    {
      onPower: () => {
        isOn = true;
        return undefined;
      },
    },
    {
      onRequest: (request) => behaviour.onRequest?.(request),
      onAnswer: (answer) => (isOn ? behaviour.onAnswer?.(answer) : undefined),
    },
  );
}
