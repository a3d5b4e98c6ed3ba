/** The commands a device answers: SMP's OS group as far as needed, and group 84 (SPEC.md, Commands). */
import {
  type CborMap,
  COMMAND,
  type Command,
  DEFAULT_RECORDS_BYTES,
  type HandshakeStep,
  HEADER_BYTES,
  OP,
  OS_COMMAND,
  OS_GROUP,
  SESSION_OVERHEAD_BYTES,
  SessionError,
  type SessionServer,
  type SmpPacket,
  type SmpParameters,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import type { Device } from './device.js';
import { Refusal } from './refusal.js';

/** One command: which request it is for, and how the body of the answer comes about. */
export interface CommandHandler {
  readonly group: number;
  readonly id: number;
  readonly op: SmpPacket['op'];
  /** Milliseconds the processor is busy before the answer goes out; asked after the command has run. */
  readonly busyMs: number | (() => number);
  /** @throws Refusal, CborError */
  readonly run: (body: CborMap) => CborMap;
}

export interface CommandSettings extends SmpParameters {
  readonly signMs: number;
}

/** The heads around the records of an answer: a map of one, its key, an array of up to 65,535. */
const RECORDS_ENVELOPE_BYTES = 1 + 1 + 3;

/** What any SMP server answers: echo, and how large its buffers are. */
export function osCommands({ bufferBytes, bufferCount }: SmpParameters): readonly CommandHandler[] {
  const handler = { group: OS_GROUP, busyMs: 0 };
  return [
    {
      ...handler,
      id: OS_COMMAND.echo,
      op: OP.write,
      run: (body) => new Map([['r', body.get('d') ?? '']]),
    },
    {
      ...handler,
      id: OS_COMMAND.parameters,
      op: OP.read,
      run: () =>
        new Map([
          ['buf_size', bufferBytes],
          ['buf_count', bufferCount],
        ]),
    },
  ];
}

/** @param guard makes sessions, where the link is not trusted */
export function deviceCommands(
  device: Device,
  settings: CommandSettings,
  guard?: Pick<SessionServer, 'advance' | 'peer'>,
): readonly CommandHandler[] {
  const overhead = HEADER_BYTES + RECORDS_ENVELOPE_BYTES + (guard === undefined ? 0 : SESSION_OVERHEAD_BYTES);
  const room = settings.bufferBytes - overhead;
  return [
    ...osCommands(settings),
    answering(COMMAND.identity, () => device.identity()),
    answering(COMMAND.status, ({ seen }) => device.status(seen)),
    answering(COMMAND.records, ({ from, bytes }) =>
      device.records(from, fitting(Math.min(bytes ?? DEFAULT_RECORDS_BYTES, room), room)),
    ),
    answering(COMMAND.seal, ({ nonce, upto }) => device.seal(nonce, upto), settings.signMs),
    answering(COMMAND.ack, (ack) => ({ acked: device.ack(ack) })),
    answering(COMMAND.clockNonce, () => device.clockNonce()),
    answering(COMMAND.clock, (document) => {
      device.setClock(document);
      return undefined;
    }),
    answering(COMMAND.feedback, (feedback) => {
      device.feedback(feedback);
      return undefined;
    }),
    answering(COMMAND.hello, (certificate) => {
      device.hello(certificate);
      return undefined;
    }),
    answering(COMMAND.certificate, (kid) =>
      kid === undefined ? device.certificate : device.certificateOf(kid),
    ),
    answering(COMMAND.policies, () => device.policies()),
    answering(COMMAND.put, (piece) => device.inbox.put(piece)),
    answering(COMMAND.factory, () => device.factory()),
    answering(COMMAND.makeKey, belongs),
    answering(COMMAND.possession, belongs),
    answering(COMMAND.resolvingKey, () => device.resolvingKey()),
    ...(guard === undefined
      ? []
      : [answering(COMMAND.handshake, (step) => advance(guard, step, device), settings.signMs)]),
  ];
}

function belongs(): never {
  throw new Refusal('provisioned', 'it belongs to a site already');
}

function advance(
  guard: Pick<SessionServer, 'advance' | 'peer'>,
  step: HandshakeStep,
  device: Device,
): Uint8Array | undefined {
  const { peer } = guard;
  try {
    const message = guard.advance(step);
    if (guard.peer !== undefined && guard.peer !== peer) device.sessionOpened(guard.peer);
    return message;
  } catch (error) {
    if (error instanceof SessionError) throw new Refusal('notTrusted', error.message);
    throw error;
  }
}

/** A command of group 84, and what it does. */
export function answering<Request, Answer>(
  command: Command<Request, Answer>,
  run: (request: Request) => Answer,
  busyMs = 0,
): CommandHandler {
  return {
    group: TIMEBAND_GROUP,
    id: command.id,
    op: command.op === 'read' ? OP.read : OP.write,
    busyMs,
    run: (body) => command.encodeAnswer(run(command.decodeRequest(body))),
  };
}

/** Takes records while they keep within `limit` encoded bytes; the first one only has to fit the buffer. */
function fitting(limit: number, room: number): (record: Uint8Array, taken: number) => boolean {
  let used = 0;
  return (record, taken) => {
    used += record.length + (record.length < 24 ? 1 : record.length < 0x100 ? 2 : 3);
    return used <= (taken === 0 ? room : limit);
  };
}
