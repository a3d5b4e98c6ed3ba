/**
 * What a device may get wrong, one thing at a time, for good: so that whoever examines devices can be examined. A break is a
 * behaviour like a fault, and names the check of `bandctl conform` that has to find it.
 */
import {
  type CborMap,
  type Command,
  encode,
  OP,
  type SmpPacket,
  TIMEBAND_GROUP,
  TimebandError,
} from '@timeband/protocol';
import { type Behaviour, bodyOf, type FaultContext } from '../faults/behaviour.js';

export interface Break {
  /** One line for `--break list`. */
  readonly description: string;
  /** The one check that fails. */
  readonly check: string;
  readonly create: (context: FaultContext) => Behaviour;
}

/** A table of breaks, as they stand. */
export function breaks<const Table extends Readonly<Record<string, Break>>>(table: Table): Table {
  return table;
}

/** Whether a packet asks, or answers, this command. */
export function isOf(
  { group, id, op }: SmpPacket,
  command: { readonly id: number; readonly op: 'read' | 'write' },
  part: 'request' | 'answer',
): boolean {
  const [read, write] = part === 'request' ? [OP.read, OP.write] : [OP.readResponse, OP.writeResponse];
  return group === TIMEBAND_GROUP && id === command.id && op === (command.op === 'read' ? read : write);
}

/** The number by which an answer refuses. */
export function refusalIn(body: CborMap | undefined): number | undefined {
  const err = body?.get('err');
  const rc = err instanceof Map ? (err as CborMap).get('rc') : body?.get('rc');
  return typeof rc === 'number' && rc !== 0 ? rc : undefined;
}

/** Changes requests of a command before the firmware sees them. */
export function changingRequest<Request, Answer>(
  command: Command<Request, Answer>,
  change: (request: Request) => Request | undefined,
): Behaviour {
  return {
    onRequest: (packet) => {
      if (!isOf(packet, command, 'request')) return undefined;
      const request = reading(() => command.decodeRequest(bodyOf(packet) ?? new Map()));
      const changed = request === undefined ? undefined : change(request);
      return changed === undefined
        ? undefined
        : { ...packet, payload: encode(command.encodeRequest(changed)) };
    },
  };
}

/** Answers as if it had taken what the firmware refused. `takes` says for which, by their number. */
export function taking<Request, Answer>(
  command: Command<Request, Answer>,
  takes: (request: Request, rc: number) => boolean,
  answer: (request: Request) => Answer,
): Behaviour {
  return answering(command, (request, rc) =>
    rc !== undefined && takes(request, rc) ? command.encodeAnswer(answer(request)) : undefined,
  );
}

/** Refuses what the firmware took. */
export function refusing<Request, Answer>(
  command: Command<Request, Answer>,
  refuses: (request: Request) => boolean,
  rc: number,
): Behaviour {
  return answering(command, (request, refused) =>
    refused === undefined && refuses(request) ? refusalOf(rc) : undefined,
  );
}

/** Another body in place of the answer to the request that was taken last. */
export function answering<Request, Answer>(
  command: Command<Request, Answer>,
  instead: (request: Request, rc: number | undefined) => CborMap | undefined,
): Behaviour {
  let asked: Request | undefined;
  return {
    onRequest: (packet) => {
      if (isOf(packet, command, 'request'))
        asked = reading(() => command.decodeRequest(bodyOf(packet) ?? new Map()));
      return undefined;
    },
    onAnswer: (packet) => {
      if (!isOf(packet, command, 'answer') || asked === undefined) return undefined;
      const body = instead(asked, refusalIn(bodyOf(packet)));
      return body && { ...packet, payload: encode(body) };
    },
  };
}

/** Several behaviours as one: what the first one leaves alone the next one may change. */
export function together(...all: readonly Behaviour[]): Behaviour {
  const first = <Result>(ask: (one: Behaviour) => Result | undefined): Result | undefined => {
    let answer: Result | undefined;
    for (const one of all) answer ??= ask(one);
    return answer;
  };
  return {
    onRequest: (request) => first((one) => one.onRequest?.(request)),
    onAnswer: (answer) => first((one) => one.onAnswer?.(answer)),
    onRecord: (record) => first((one) => one.onRecord?.(record)),
    onPower: () => {
      for (const one of all) one.onPower?.();
      return undefined;
    },
  };
}

export function refusalOf(rc: number): CborMap {
  return new Map([
    [
      'err',
      new Map<string, number>([
        ['rc', rc],
        ['group', TIMEBAND_GROUP],
      ]),
    ],
  ]);
}

/** Undefined for what cannot be read. */
export function reading<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}
