/** A link that nobody trusts, and a device that is careless on it (SPEC.md, Session). */
import { type Admission, COMMAND, encode, type SmpPacket, TIMEBAND_GROUP, toHex } from '@timeband/protocol';
import { breaks } from './break.js';

const NOTHING = encode(new Map());

export const SESSION_BREAKS = breaks({
  'open-door': {
    description: 'its status is told to anybody before a session',
    check: 'session-closed',
    create: () => ({
      onAdmit: (request, admission, isOpen) =>
        !isOpen && request.group === TIMEBAND_GROUP && request.id === COMMAND.status.id
          ? { ...admission, payload: request.payload }
          : undefined,
    }),
  },
  'clear-in-session': {
    description: 'what is asked in clear is answered while there is a session',
    check: 'session-in-clear',
    create: () => ({
      onAdmit: (request, admission, isOpen) =>
        isOpen && admission.payload === undefined && toHex(request.payload) === toHex(NOTHING)
          ? { ...admission, payload: request.payload }
          : undefined,
    }),
  },
  'answers-replays': {
    description: 'a message of a session is obeyed twice',
    check: 'session-replay',
    create: () => {
      const taken = new Map<string, Admission>();
      return {
        onAdmit: (request, admission) => {
          const name = nameOf(request);
          if (admission.payload === undefined) return taken.get(name);
          taken.set(name, admission);
          return undefined;
        },
      };
    },
  },
  'gateways-reset': {
    description: 'a gateway may write to the groups of the system',
    check: 'session-rights',
    create: () => ({
      onAdmit: ({ group }, admission, isOpen) =>
        isOpen && group !== TIMEBAND_GROUP && admission.payload === undefined
          ? { ...admission, payload: NOTHING }
          : undefined,
    }),
  },
  'meets-gateways': {
    description: 'a gateway may meet it as a band would',
    check: 'session-meet',
    create: () => ({
      onAdmit: ({ group, id }, admission, isOpen) =>
        isOpen && group === TIMEBAND_GROUP && id === COMMAND.meet.id && admission.payload === undefined
          ? { ...admission, payload: NOTHING }
          : undefined,
    }),
  },
});

function nameOf({ group, id, payload }: SmpPacket): string {
  return `${group}/${id}/${toHex(payload)}`;
}
