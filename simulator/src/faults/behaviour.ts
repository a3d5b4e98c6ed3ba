/**
 * Behaviours: ways in which a reader deviates from its firmware. Each hook sees what passes and either leaves it
 * alone (undefined) or says what happens instead; the behaviour installed last is asked first.
 */
import {
  type Admission,
  type AuthenticationKey,
  type Command,
  type CborMap,
  decodeLenient,
  encode,
  OP,
  type PrivateKey,
  type PublicKey,
  type SmpPacket,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import type { NorFlash } from '../firmware/flash.js';
import type { Device } from '../firmware/device.js';
import type { Random } from '../random.js';

/** Bytes to put on the line, at once or later. */
export interface LineWrite {
  readonly bytes: Uint8Array;
  readonly afterMs?: number;
}

export interface Behaviour {
  /** Bytes that came over the line, before they are deframed. */
  readonly onLine?: (bytes: Uint8Array) => Uint8Array | undefined;
  /** A packet before its header is read: another in its place, or `swallow`. */
  readonly onPacket?: (packet: Uint8Array) => Uint8Array | 'swallow' | undefined;
  /** What the guard of a link that nobody trusts made of a request; `isOpen`: there is a session. */
  readonly onAdmit?: (request: SmpPacket, admission: Admission, isOpen: boolean) => Admission | undefined;
  /** The power was off, and the firmware is about to start. */
  readonly onPower?: () => undefined;
  /** A request before the firmware sees it: another in its place, or `swallow`. */
  readonly onRequest?: (request: SmpPacket) => SmpPacket | 'swallow' | undefined;
  /** An answer before it is framed. */
  readonly onAnswer?: (answer: SmpPacket) => SmpPacket | undefined;
  /** A framed answer before it is put on the line. */
  readonly onFrame?: (frame: Uint8Array) => readonly LineWrite[] | undefined;
  /** A record before it is logged. */
  readonly onRecord?: (record: Uint8Array) => Uint8Array | undefined;
  /** After an ack was applied and answered: what the reader then does. */
  readonly onAcked?: () => (() => void) | undefined;
}

/** What a behaviour may reach. */
export interface FaultContext {
  readonly site: string;
  /** The device's own. */
  readonly key: AuthenticationKey;
  readonly issuer: PublicKey;
  readonly reader: Device;
  readonly flash: NorFlash;
  readonly issuerKey: PrivateKey;
  readonly random: Random;
}

export interface Fault {
  /** One line for `--list-faults`. */
  readonly description: string;
  readonly create: (context: FaultContext) => Behaviour;
}

/** Changes what a command of group 84 answers, where it answers without an error. */
export function changingAnswer<Request, Answer>(
  command: Command<Request, Answer>,
  change: (answer: Answer) => Answer | undefined,
): Behaviour {
  const op = command.op === 'read' ? OP.readResponse : OP.writeResponse;
  return {
    onAnswer: (packet) => {
      if (packet.group !== TIMEBAND_GROUP || packet.id !== command.id || packet.op !== op) return undefined;
      const body = bodyOf(packet);
      if (body === undefined || body.has('err') || body.has('rc')) return undefined;
      const changed = change(command.decodeAnswer(body));
      return changed === undefined
        ? undefined
        : { ...packet, payload: encode(command.encodeAnswer(changed)) };
    },
  };
}

/** The map in a packet that the simulator itself encoded. */
export function bodyOf(packet: SmpPacket): CborMap | undefined {
  const body = decodeLenient(packet.payload);
  return body instanceof Map ? (body as CborMap) : undefined;
}

/** Lets a behaviour have its way only after it has passed up `after` occasions. */
export function delayed(behaviour: Behaviour, after: number): Behaviour {
  let left = after;
  const patiently =
    <In extends unknown[], Out>(hook: ((...input: In) => Out | undefined) | undefined) =>
    (...input: In): Out | undefined => {
      const result = hook?.(...input);
      if (result === undefined || left <= 0) return result;
      left--;
      return undefined;
    };
  return {
    onLine: patiently(behaviour.onLine),
    onPacket: patiently(behaviour.onPacket),
    onAdmit: patiently(behaviour.onAdmit),
    ...(behaviour.onPower && { onPower: behaviour.onPower }),
    onRequest: patiently(behaviour.onRequest),
    onAnswer: patiently(behaviour.onAnswer),
    onFrame: patiently(behaviour.onFrame),
    onRecord: patiently(behaviour.onRecord),
    onAcked: patiently(behaviour.onAcked),
  };
}

/** The behaviours installed in one reader. */
export class Behaviours {
  private installed: readonly Behaviour[] = [];

  prepend(behaviour: Behaviour): void {
    this.installed = [behaviour, ...this.installed];
  }

  /** Back to what the firmware does. */
  clear(): void {
    this.installed = [];
  }

  line(bytes: Uint8Array): Uint8Array {
    return this.first((behaviour) => behaviour.onLine?.(bytes)) ?? bytes;
  }

  packet(packet: Uint8Array): Uint8Array | 'swallow' {
    return this.first((behaviour) => behaviour.onPacket?.(packet)) ?? packet;
  }

  admit(request: SmpPacket, admission: Admission, isOpen: boolean): Admission {
    return this.first((behaviour) => behaviour.onAdmit?.(request, admission, isOpen)) ?? admission;
  }

  powered(): void {
    for (const { onPower } of this.installed) onPower?.();
  }

  request(request: SmpPacket): SmpPacket | 'swallow' {
    return this.first((behaviour) => behaviour.onRequest?.(request)) ?? request;
  }

  answer(answer: SmpPacket): SmpPacket {
    return this.first((behaviour) => behaviour.onAnswer?.(answer)) ?? answer;
  }

  /** Undefined where nobody deviates: the frame goes out line by line. */
  frame(frame: Uint8Array): readonly LineWrite[] | undefined {
    return this.first((behaviour) => behaviour.onFrame?.(frame));
  }

  record(record: Uint8Array): Uint8Array {
    return this.first((behaviour) => behaviour.onRecord?.(record)) ?? record;
  }

  acked(): (() => void) | undefined {
    return this.first((behaviour) => behaviour.onAcked?.());
  }

  private first<Result>(ask: (behaviour: Behaviour) => Result | undefined): Result | undefined {
    for (const behaviour of this.installed) {
      const result = ask(behaviour);
      if (result !== undefined) return result;
    }
    return undefined;
  }
}
