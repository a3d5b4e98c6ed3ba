/**
 * The answering side of SMP on a microcontroller with one thread: requests wait in a few buffers while one is
 * worked on, a signature keeps everybody waiting, and what finds no buffer is dropped, as Zephyr's mcumgr does.
 */
import {
  CborError,
  type CborMap,
  decodeLenient,
  decodePacket,
  encode,
  encodePacket,
  OP,
  RC,
  type SessionServer,
  type SmpPacket,
  SmpError,
  TIMEBAND_GROUP,
  type Timers,
} from '@timeband/protocol';
import type { CommandHandler, CommandSettings } from './commands.js';
import { GroupRefusal, Refusal } from './refusal.js';

/** What a reader's firmware takes where nothing else is said. */
export const DEFAULT_SETTINGS: CommandSettings = { bufferBytes: 384, bufferCount: 4, signMs: 20 };

/** Requests by what became of them. */
export interface ServerCounters {
  answered: number;
  /** Answered with an error of group 84, or denied: a signature, certificate, position or session that does not hold. */
  refused: number;
  /** Answered with an error of SMP: unknown command, body that is no map or lacks a field. */
  invalid: number;
  /** Not answered: no SMP packet, longer than a buffer, or no buffer free. */
  dropped: number;
}

export interface SmpServerOptions {
  readonly commands: readonly CommandHandler[];
  readonly settings: CommandSettings;
  readonly timers: Timers;
  /** Judges requests and hides answers on a link that is not trusted. */
  readonly guard?: Pick<SessionServer, 'admit'> | undefined;
  /** Takes an answer, header included, at most `bufferBytes` long. */
  readonly send: (answer: Uint8Array) => void;
}

export class SmpServer {
  readonly counters: ServerCounters = { answered: 0, refused: 0, invalid: 0, dropped: 0 };
  private readonly commands: ReadonlyMap<string, CommandHandler>;
  private readonly waiting: SmpPacket[] = [];
  private cancelAnswer: (() => void) | undefined;

  constructor(private readonly options: SmpServerOptions) {
    this.commands = new Map(options.commands.map((command) => [keyOf(command), command]));
  }

  /** Takes the bytes of one packet. */
  receive(bytes: Uint8Array): void {
    const { bufferBytes, bufferCount } = this.options.settings;
    const inUse = this.waiting.length + (this.cancelAnswer === undefined ? 0 : 1);
    const request = bytes.length <= bufferBytes && inUse < bufferCount ? parseRequest(bytes) : undefined;
    if (request === undefined) {
      this.counters.dropped++;
      return;
    }
    this.waiting.push(request);
    this.work();
  }

  /** Drops what waits and what is being worked on, as a restart does. */
  reset(): void {
    this.waiting.length = 0;
    this.cancelAnswer?.();
    this.cancelAnswer = undefined;
  }

  private work(): void {
    while (this.cancelAnswer === undefined) {
      const request = this.waiting.shift();
      if (request === undefined) return;
      const { answer, busyMs } = this.respond(request);
      if (busyMs === 0) this.options.send(answer);
      else {
        this.cancelAnswer = this.options.timers.after(busyMs, () => {
          this.cancelAnswer = undefined;
          this.options.send(answer);
          this.work();
        });
      }
    }
  }

  private respond(request: SmpPacket): { answer: Uint8Array; busyMs: number } {
    const { guard, settings } = this.options;
    const command = this.commands.get(keyOf(request));
    const { payload, protect } = guard?.admit(request) ?? { payload: request.payload, protect: asItIs };
    const { body, outcome } = payload === undefined ? DENIED : run(command, payload);
    const answer = toPacket(request, protect(encode(body)));
    if (answer.length > settings.bufferBytes) {
      this.counters.invalid++;
      return { answer: toPacket(request, protect(encode(smpError(RC.messageSize)))), busyMs: 0 };
    }
    this.counters[outcome]++;
    return { answer, busyMs: outcome === 'answered' ? busyMsOf(command) : 0 };
  }
}

function busyMsOf(command: CommandHandler | undefined): number {
  const busyMs = command?.busyMs ?? 0;
  return typeof busyMs === 'number' ? busyMs : busyMs();
}

interface Response {
  readonly body: CborMap;
  readonly outcome: Exclude<keyof ServerCounters, 'dropped'>;
}

const DENIED: Response = { body: smpError(RC.accessDenied), outcome: 'refused' };

function run(command: CommandHandler | undefined, payload: Uint8Array): Response {
  if (command === undefined) return { body: smpError(RC.notSupported), outcome: 'invalid' };
  try {
    const body = decodeLenient(payload);
    if (!(body instanceof Map)) throw new CborError('cbor/shape', 'a request that is no map');
    return { body: command.run(body as CborMap), outcome: 'answered' };
  } catch (error) {
    if (error instanceof Refusal)
      return { body: new Map([['err', groupError(error.rc)]]), outcome: 'refused' };
    if (error instanceof GroupRefusal)
      return { body: new Map([['err', groupError(error.rc, error.group)]]), outcome: 'refused' };
    if (error instanceof CborError) return { body: smpError(RC.invalid), outcome: 'invalid' };
    throw error;
  }
}

function keyOf({ group, id, op }: { group: number; id: number; op: SmpPacket['op'] }): string {
  return `${group}/${id}/${op}`;
}

/** A request that is worth a buffer; answers and anything without a sound header are not. */
function parseRequest(bytes: Uint8Array): SmpPacket | undefined {
  try {
    const packet = decodePacket(bytes);
    return packet.op === OP.read || packet.op === OP.write ? packet : undefined;
  } catch (error) {
    if (error instanceof SmpError) return undefined;
    throw error;
  }
}

function toPacket({ op, group, sequence, id }: SmpPacket, payload: Uint8Array): Uint8Array {
  const answerOp = op === OP.read ? OP.readResponse : OP.writeResponse;
  return encodePacket({ op: answerOp, group, sequence, id, payload });
}

function asItIs(payload: Uint8Array): Uint8Array {
  return payload;
}

function groupError(rc: number, group = TIMEBAND_GROUP): CborMap {
  return new Map([
    ['rc', rc],
    ['group', group],
  ]);
}

function smpError(rc: number): CborMap {
  return new Map([['rc', rc]]);
}
