/** Packets, refusals and CBOR that are taken or made wrongly (SPEC.md, SMP, CBOR). */
import {
  CborError,
  COMMAND,
  decodeLenient,
  encode,
  type ErrorCode,
  fromHex,
  HEADER_BYTES,
  OP,
  OS_COMMAND,
  OS_GROUP,
  RC,
  REFUSAL,
  type SmpPacket,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import { type Behaviour, bodyOf } from '../faults/behaviour.js';
import { encodeIndefinite } from '../faults/cbor-faults.js';
import { breaks, isOf, refusalIn, refusalOf } from './break.js';

/** A body that every command with a number takes. */
const PLAIN = fromHex('a10100');
const MAP = 5;
const KNOWN_FIELDS = 2;
const SMALL = 330;

export const PACKET_BREAKS = breaks({
  'one-buffer': {
    description: 'it says that it has one buffer',
    check: 'packets-parameters',
    create: () => ({
      onAnswer: (packet) => {
        const { group, id, op } = packet;
        if (group !== OS_GROUP || id !== OS_COMMAND.parameters || op !== OP.readResponse) return undefined;
        return { ...packet, payload: encode(new Map(bodyOf(packet)).set('buf_count', 1)) };
      },
    }),
  },
  'drops-second-request': {
    description: 'what arrives while it signs is lost',
    check: 'packets-two-at-once',
    create: () => {
      let isBusy = false;
      return {
        onRequest: (packet) => {
          if (isBusy) return 'swallow';
          isBusy = isOf(packet, COMMAND.seal, 'request');
          return undefined;
        },
        onAnswer: () => {
          isBusy = false;
          return undefined;
        },
      };
    },
  },
  'only-version-1': {
    description: 'requests of SMP version 0 are not answered',
    check: 'packets-version-0',
    create: () => ({ onPacket: ([first = 0]) => ((first & 0x18) === 0 ? 'swallow' : undefined) }),
  },
  'reserved-matters': {
    description: 'requests with reserved bits or flags are not answered',
    check: 'packets-reserved',
    create: () => ({
      onPacket: ([first = 0, flags = 0]) => ((first & 0xe0) !== 0 || flags !== 0 ? 'swallow' : undefined),
    }),
  },
  'answers-answers': {
    description: 'answers are answered as if they were requests',
    check: 'packets-answers-ignored',
    create: () => ({
      onPacket: (packet) => {
        const first = packet[0] ?? 0;
        const isAnswer = packet.length >= HEADER_BYTES && (first & 1) === 1;
        return isAnswer ? Uint8Array.from(packet, (byte, at) => (at === 0 ? byte & ~1 : byte)) : undefined;
      },
    }),
  },
  'small-buffer': {
    description: `packets of more than ${SMALL} bytes are lost, though it says that it has room`,
    check: 'packets-buffer-full',
    create: () => ({ onPacket: ({ length }) => (length > SMALL ? 'swallow' : undefined) }),
  },
  'unknown-is-invalid': {
    description: 'commands that it does not know are refused with 3',
    check: 'packets-unknown-command',
    create: () => ({
      onAnswer: (packet) =>
        packet.group === TIMEBAND_GROUP && packet.id > 200
          ? { ...packet, payload: encode(new Map([['rc', RC.invalid]])) }
          : undefined,
    }),
  },
  'writes-identity': {
    description: 'writing the identity is a success',
    check: 'packets-wrong-op',
    create: () => ({
      onAnswer: (packet) =>
        isOf(packet, { id: COMMAND.identity.id, op: 'write' }, 'answer')
          ? { ...packet, payload: encode(new Map()) }
          : undefined,
    }),
  },
  'group-for-smp-errors': {
    description: 'errors of SMP itself name group 84',
    check: 'errors-plain',
    create: () => changingRefusals((rc, isNamed) => (isNamed ? undefined : refusalOf(rc))),
  },
  'plain-refusals': {
    description: 'refusals of group 84 do not name their group',
    check: 'errors-group',
    create: () => changingRefusals((rc, isNamed) => (isNamed ? new Map([['rc', rc]]) : undefined)),
  },
  'zeros-for-a-nonce': {
    description: 'a seal is given to who brings no nonce',
    check: 'errors-missing-field',
    create: () => ({
      onRequest: (packet) => {
        if (!isOf(packet, COMMAND.seal, 'request')) return undefined;
        const body = safely(() => bodyOf(packet));
        if (body === undefined || body.has(1)) return undefined;
        return { ...packet, payload: encode(new Map(body).set(1, new Uint8Array(16))) };
      },
    }),
  },
  'any-outcome': {
    description: 'feedback with an outcome that is not listed is taken',
    check: 'errors-unknown-choice',
    create: () => ({
      onAnswer: (packet) =>
        isOf(packet, COMMAND.feedback, 'answer') && refusalIn(bodyOf(packet)) === REFUSAL.notTrusted
          ? { ...packet, payload: encode(new Map()) }
          : undefined,
    }),
  },
  'takes-trailing-bytes': forgiving(
    'cbor/trailing-bytes',
    'bytes behind a body are ignored',
    'bytes-trailing',
  ),
  'takes-duplicate-keys': forgiving(
    'cbor/key-duplicate',
    'a body with one key twice is taken',
    'bytes-duplicate-keys',
  ),
  'takes-deep-nesting': forgiving('cbor/too-deep', 'a body nested 200 deep is taken', 'bytes-deep'),
  'takes-tags': forgiving('cbor/tag', 'a body with tags is taken', 'bytes-tag'),
  'takes-bad-text': forgiving('cbor/utf8', 'text that is not UTF-8 is taken', 'bytes-text'),
  'refuses-unknown-fields': {
    description: 'a field that it does not know is refused',
    check: 'bytes-unknown-field',
    create: () => ({
      onRequest: (packet) => {
        if (!isOf(packet, COMMAND.status, 'request')) return undefined;
        const body = safely(() => bodyOf(packet));
        const isUnknown = [...(body?.keys() ?? [])].some(
          (key) => typeof key === 'number' && key > KNOWN_FIELDS,
        );
        return isUnknown ? { ...packet, payload: encode([]) } : undefined;
      },
    }),
  },
  'indefinite-answers': {
    description: 'answers have maps and arrays of indefinite length',
    check: 'bytes-strict-answers',
    create: () => ({
      onAnswer: (packet) =>
        packet.group === TIMEBAND_GROUP
          ? { ...packet, payload: encodeIndefinite(bodyOf(packet) ?? new Map()) }
          : undefined,
    }),
  },
});

/** A body with one thing wrong is taken for another one. */
function forgiving(code: ErrorCode, description: string, check: string) {
  const isMap = ({ payload }: SmpPacket): boolean => (payload[0] ?? 0) >> 5 === MAP;
  return {
    ...{ description, check },
    create: (): Behaviour => ({
      onRequest: (packet) => {
        if (packet.group !== TIMEBAND_GROUP || !isMap(packet)) return undefined;
        try {
          decodeLenient(packet.payload);
          return undefined;
        } catch (error) {
          if (!(error instanceof CborError)) throw error;
          return error.code === code ? { ...packet, payload: PLAIN } : undefined;
        }
      },
    }),
  };
}

function changingRefusals(
  change: (rc: number, isNamed: boolean) => ReturnType<typeof refusalOf> | undefined,
): Behaviour {
  return {
    onAnswer: (packet) => {
      const body = packet.group === TIMEBAND_GROUP ? bodyOf(packet) : undefined;
      const rc = refusalIn(body);
      const changed = body === undefined || rc === undefined ? undefined : change(rc, body.has('err'));
      return changed && { ...packet, payload: encode(changed) };
    },
  };
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CborError) return undefined;
    throw error;
  }
}
