/**
 * The asking side of SMP: requests with time-outs and retries, answers in any order.
 * An answer belongs to the request with its (sequence, group, id); everything else is dropped and reported.
 */
import { decodeLenient, encode, type CborMap } from '../cbor/index.js';
import { LinkError, SmpError, TimebandError } from '../errors.js';
import type { Link } from '../link.js';
import { systemTimers, type Timers } from '../timers.js';
import { decodePacket, encodePacket, OP, type SmpPacket } from './header.js';

export interface SmpRequest {
  readonly op: 'read' | 'write';
  readonly group: number;
  readonly id: number;
  readonly body: CborMap;
  /** Sent as it is in place of `body`: for whoever looks at how a device takes what it should not get. */
  readonly payload?: Uint8Array | undefined;
  /** For log lines and time-outs. */
  readonly name: string;
  /** Whether doing it twice is the same as once. Only then may it be repeated after a time-out. */
  readonly idempotent: boolean;
  /** Milliseconds to wait for its answer, where that is not the client's time: erasing flash takes long. */
  readonly timeoutMs?: number | undefined;
}

export interface SmpClientOptions {
  readonly timers?: Timers;
  /** Milliseconds to wait for an answer. */
  readonly timeoutMs?: number;
  /** How often an idempotent request is repeated after a time-out. */
  readonly retries?: number;
  /** Requests under way at once. */
  readonly window?: number;
  /** Damage that belongs to no request: broken frames, unmatched answers. */
  readonly onFault?: (error: TimebandError) => void;
  readonly onClosed?: (reason?: Error) => void;
}

/** How many requests can be told apart at once. */
const SEQUENCE_NUMBERS = 256;

interface Pending {
  readonly request: SmpRequest;
  readonly resolve: (answer: SmpPacket) => void;
  readonly reject: (error: Error) => void;
  attempts: number;
  cancelTimer: () => void;
}

export class SmpClient {
  private readonly pending = new Map<number, Pending>();
  private nextSequence = 0;
  private closedBy: Error | undefined;
  private readonly timers: Timers;
  private readonly timeoutMs: number;
  private readonly retries: number;
  private readonly window: number;

  constructor(
    private readonly link: Link,
    private readonly options: SmpClientOptions = {},
  ) {
    this.timers = options.timers ?? systemTimers;
    this.timeoutMs = options.timeoutMs ?? 1_000;
    this.retries = options.retries ?? 2;
    this.window = Math.min(options.window ?? 4, SEQUENCE_NUMBERS);
    link.start({
      packet: (packet) => {
        this.receive(packet);
      },
      fault: (error) => options.onFault?.(error),
      closed: (reason) => {
        this.closed(reason);
      },
    });
  }

  get name(): string {
    return this.link.name;
  }

  /**
   * Asks and waits for the answer's map.
   *
   * @throws SmpError `smp/timeout` (says what was awaited), `smp/device` (the device refused: `group`, `rc`),
   *   `smp/answer`, `smp/busy` (window full); LinkError `link/closed`
   */
  async request(request: SmpRequest): Promise<CborMap> {
    return readAnswer((await this.exchange(request)).payload, request);
  }

  /**
   * Asks and waits for the answer as it came, refusals too.
   *
   * @throws SmpError `smp/timeout`, `smp/busy`; LinkError `link/closed`
   */
  exchange(request: SmpRequest): Promise<SmpPacket> {
    return new Promise((resolve, reject) => {
      if (this.closedBy !== undefined) {
        reject(this.closedBy);
        return;
      }
      if (this.pending.size >= this.window) {
        reject(
          new SmpError('smp/busy', `${this.window} requests are under way already`, {
            request: request.name,
          }),
        );
        return;
      }
      this.transmit({ request, resolve, reject, attempts: 0, cancelTimer: () => undefined });
    });
  }

  /** Closes the link; pending requests fail with `link/closed`. */
  close(): Promise<void> {
    return this.link.close();
  }

  private transmit(pending: Pending): void {
    const { request } = pending;
    const sequence = this.freeSequence();
    pending.attempts++;
    pending.cancelTimer = this.timers.after(request.timeoutMs ?? this.timeoutMs, () => {
      this.timedOut(sequence, pending);
    });
    this.pending.set(sequence, pending);
    try {
      this.link.send(
        encodePacket({
          op: request.op === 'read' ? OP.read : OP.write,
          group: request.group,
          sequence,
          id: request.id,
          payload: request.payload ?? encode(request.body),
        }),
      );
    } catch (error) {
      this.settle(sequence, pending);
      pending.reject(error as Error);
    }
  }

  /** Every attempt gets a number of its own, so that the answer to an earlier one is known to be late. */
  private freeSequence(): number {
    while (this.pending.has(this.nextSequence)) this.nextSequence = (this.nextSequence + 1) & 0xff;
    const sequence = this.nextSequence;
    this.nextSequence = (sequence + 1) & 0xff;
    return sequence;
  }

  private settle(sequence: number, pending: Pending): void {
    pending.cancelTimer();
    this.pending.delete(sequence);
  }

  private timedOut(sequence: number, pending: Pending): void {
    const { name, idempotent, timeoutMs = this.timeoutMs } = pending.request;
    this.settle(sequence, pending);
    if (idempotent && pending.attempts <= this.retries) {
      this.transmit(pending);
      return;
    }
    pending.reject(
      new SmpError('smp/timeout', `no answer to "${name}" within ${timeoutMs} ms`, {
        request: name,
        attempts: pending.attempts,
      }),
    );
  }

  private receive(bytes: Uint8Array): void {
    let packet: SmpPacket;
    let pending: Pending | undefined;
    try {
      packet = decodePacket(bytes);
      pending = this.pending.get(packet.sequence);
      const wanted = pending?.request.op === 'read' ? OP.readResponse : OP.writeResponse;
      if (
        pending === undefined ||
        packet.op !== wanted ||
        packet.group !== pending.request.group ||
        packet.id !== pending.request.id
      ) {
        throw new SmpError('smp/unmatched', 'an answer to no request that is under way', {
          sequence: packet.sequence,
          group: packet.group,
          id: packet.id,
        });
      }
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      this.options.onFault?.(error);
      return;
    }
    this.settle(packet.sequence, pending);
    pending.resolve(packet);
  }

  private closed(reason: Error | undefined): void {
    this.closedBy = new LinkError(
      'link/closed',
      `${this.link.name} is closed${reason ? `: ${reason.message}` : ''}`,
    );
    for (const [sequence, pending] of [...this.pending]) {
      this.settle(sequence, pending);
      pending.reject(this.closedBy);
    }
    this.options.onClosed?.(reason);
  }
}

/** An answer's map, or the refusal in it: `{rc}` in version 1, `{err: {group, rc}}` in version 2. */
export function readAnswer(payload: Uint8Array, request: Pick<SmpRequest, 'name' | 'group'>): CborMap {
  const answer = decodeLenient(payload);
  if (!(answer instanceof Map))
    throw new SmpError('smp/answer', 'an answer that is no map', { request: request.name });
  const map = answer as CborMap;
  const err = map.get('err');
  const refusal = err instanceof Map ? (err as CborMap) : map;
  const [group, rc] = [refusal.get('group'), refusal.get('rc')];
  if (typeof rc === 'number' && rc !== 0) {
    const from = typeof group === 'number' ? group : request.group;
    throw new SmpError(
      'smp/device',
      `the device refused "${request.name}" with ${rc} of group ${from}`,
      { request: request.name },
      { group: from, rc },
    );
  }
  return map;
}
