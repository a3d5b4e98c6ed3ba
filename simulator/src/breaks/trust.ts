/** Whom and what it believes, and should not (SPEC.md, Trust, Ack, Clock, Put). */
import { COMMAND, REFUSAL } from '@timeband/protocol';
import { changingAnswer } from '../faults/behaviour.js';
import { breaks, changingRequest, refusing, taking, together } from './break.js';
import { acking, clocking, helloing, putting, readAck } from './credulous.js';

const { notTrusted, unknownGateway, staleNonce, hashMismatch, notSealed, notIntroduced, notAvailable } =
  REFUSAL;

export const TRUST_BREAKS = breaks({
  'believes-strangers': {
    description: 'gateways are believed whoever certified them',
    check: 'trust-stranger',
    create: (context) => helloing(context, 'cert/untrusted-issuer'),
  },
  'believes-spoiled': {
    description: 'certificates are believed whose signature does not hold',
    check: 'trust-spoiled',
    create: (context) => helloing(context, 'cert/signature'),
  },
  'believes-other-sites': {
    description: 'gateways of other sites are believed',
    check: 'trust-site',
    create: (context) => helloing(context, 'cert/site'),
  },
  'believes-anybody': {
    description: 'whoever has a certificate of the site is believed to be a gateway',
    check: 'trust-role',
    create: (context) => helloing(context, 'cert/role'),
  },
  'believes-expired': {
    description: 'gateways are believed whose certificate has expired',
    check: 'trust-expired',
    create: (context) => helloing(context, 'cert/expired'),
  },
  'ack-of-anybody': {
    description: 'acks are taken of gateways that never said hello',
    check: 'ack-unknown-gateway',
    create: (context) => acking(context, (ack, rc) => rc === unknownGateway && ack.gateway === undefined),
  },
  'ack-of-revoked': {
    description: 'acks are taken of gateways that were revoked',
    check: 'documents-revocation',
    create: (context) => acking(context, (ack, rc) => rc === unknownGateway && ack.gateway !== undefined),
  },
  'ack-unsigned': {
    description: 'acks are taken whose signature does not hold',
    check: 'ack-signature',
    create: (context) =>
      acking(context, (ack, rc) => rc === notTrusted && ack.isOurs && ack.signedFor === undefined),
  },
  'ack-any-purpose': {
    description: 'acks are taken that were signed as clock documents',
    check: 'ack-purpose',
    create: (context) => acking(context, (ack, rc) => rc === notTrusted && ack.signedFor === 'clock'),
  },
  'ack-any-site': {
    description: 'acks of other sites are taken',
    check: 'ack-site',
    create: (context) => acking(context, (ack, rc) => rc === notTrusted && ack.site !== context.site),
  },
  'ack-any-name': {
    description: 'acks in the name of another gateway are taken',
    check: 'ack-name',
    create: (context) =>
      acking(
        context,
        (ack, rc) => rc === notTrusted && ack.gateway !== undefined && ack.gateway.subject !== ack.name,
      ),
  },
  'ack-any-log': {
    description: 'acks of other logs are taken',
    check: 'ack-log',
    create: (context) => acking(context, (ack, rc) => rc === notTrusted && !ack.isOfLog),
  },
  'ack-unsealed': {
    description: 'acks beyond what it sealed are taken',
    check: 'ack-unsealed',
    create: (context) => acking(context, (_, rc) => rc === notSealed),
  },
  'ack-any-hash': {
    description: 'acks of another history are taken',
    check: 'ack-hash',
    create: (context) => acking(context, (_, rc) => rc === hashMismatch),
  },
  'ack-once': {
    description: 'the same ack again is refused',
    check: 'ack-again',
    create: (context) => {
      let before = -1;
      return together(
        changingRequest(COMMAND.ack, () => {
          before = context.reader.identity().acked;
          return undefined;
        }),
        refusing(COMMAND.ack, (bytes) => readAck(bytes)?.upto === before, notSealed),
      );
    },
  },
  'ack-goes-back': {
    description: 'an older ack is answered with its own number',
    check: 'ack-older',
    create: () => {
      let upto = 0;
      return together(
        changingRequest(COMMAND.ack, (bytes) => {
          upto = readAck(bytes)?.upto ?? 0;
          return undefined;
        }),
        changingAnswer(COMMAND.ack, ({ acked }) => (upto < acked ? { acked: upto } : undefined)),
      );
    },
  },
  'ack-erases': {
    description: 'records are gone as soon as they are acknowledged',
    check: 'ack-keeps',
    create: ({ reader }) =>
      together(
        changingAnswer(COMMAND.identity, (identity) => ({ ...identity, oldest: identity.acked + 1 })),
        refusing(COMMAND.records, ({ from }) => from <= reader.identity().acked, notAvailable),
      ),
  },
  'clock-replayed': {
    description: 'a clock document is taken again',
    check: 'clock-replay',
    create: (context) => clocking(context, (clock, rc) => rc === staleNonce && clock.wasTaken),
  },
  'clock-any-nonce': {
    description: 'clock documents are taken whatever nonce they answer',
    check: 'clock-other-nonce',
    create: (context) => clocking(context, (clock, rc) => rc === staleNonce && !clock.wasTaken),
  },
  'clock-any-device': {
    description: 'clock documents for other devices are taken',
    check: 'clock-other-device',
    create: (context) => clocking(context, (clock, rc) => rc === notTrusted && !clock.isOurs),
  },
  'clock-any-future': {
    description: 'it takes a time at which the certificate of its gateway has expired',
    check: 'clock-ceiling',
    create: (context) =>
      clocking(
        context,
        ({ wall, gateway }, rc) => rc === notTrusted && wall >= (gateway?.expires ?? Infinity),
      ),
  },
  'feedback-for-anything': {
    description: 'feedback is shown for records that it never logged',
    check: 'feedback-unknown-record',
    create: () =>
      taking(
        COMMAND.feedback,
        (_, rc) => rc === notAvailable,
        () => undefined,
      ),
  },
  'feedback-once': {
    description: 'the feedback of one record again is refused',
    check: 'feedback-again',
    create: () => {
      const shown = new Set<number>();
      return refusing(
        COMMAND.feedback,
        ({ seq }) => {
          const isAgain = shown.has(seq);
          shown.add(seq);
          return isAgain;
        },
        notIntroduced,
      );
    },
  },
  'skips-pieces': {
    description: 'a piece that is not the next one is answered as if it were',
    check: 'documents-order',
    create: () => {
      let end = 0;
      return together(
        changingRequest(COMMAND.put, ({ offset, data }) => {
          end = offset + data.length;
          return undefined;
        }),
        changingAnswer(COMMAND.put, () => ({ next: end })),
      );
    },
  },
  'takes-overhang': {
    description: 'pieces are taken that go beyond the total',
    check: 'documents-bad-pieces',
    create: () =>
      taking(
        COMMAND.put,
        ({ offset, data, total = 0 }, rc) => rc === 3 && offset === 0 && data.length > total && total > 0,
        ({ total = 0 }) => ({ next: total }),
      ),
  },
  'takes-other-policy': {
    description: 'another policy document under the same number is taken',
    check: 'documents-policy-other',
    create: (context) =>
      putting(context, 'policy', ({ number, isSigned, held }) => isSigned && number === held),
  },
  'takes-unsigned-policy': {
    description: 'policy documents are taken whoever signed them',
    check: 'documents-policy-signature',
    create: (context) => putting(context, 'policy', ({ isSigned }) => !isSigned),
  },
  'keeps-strangers': {
    description: 'it keeps certificates of strangers',
    check: 'documents-certificate-stranger',
    create: (context) => putting(context, 'certificate', () => true),
  },
  'takes-other-grant': {
    description: 'it answers another grant with success',
    check: 'provisioning-grant',
    create: (context) => putting(context, 'grant', () => true),
  },
  'obeys-anybody': {
    description: 'it answers an order to forget by a stranger with success',
    check: 'provisioning-wipe-stranger',
    create: (context) => putting(context, 'wipe', ({ isSigned }) => !isSigned),
  },
});
