/** One connection to the device under test: requests, packets put on the link as they are, and everything that was heard. */
import {
  type CborMap,
  decodeLenient,
  decodePacket,
  type Link,
  type LinkHandlers,
  OP,
  OS_COMMAND,
  OS_GROUP,
  SessionClient,
  type SmpPacket,
  type SmpRequest,
  TimebandError,
  type Timers,
  toHex,
} from '@timeband/protocol';
import { Nonconformity } from './verdict.js';

/** An answer as it came. */
export interface Answer {
  readonly packet: SmpPacket;
  readonly body: CborMap;
  readonly refusal: Refusal | undefined;
}

export interface Refusal {
  readonly rc: number;
  /** Absent in the form `{"rc": n}`. */
  readonly group: number | undefined;
}

/** Of what was said and heard, newest last, so that a failure can be looked into. */
const TRACE_PACKETS = 8;
/** Of one packet in a trace. */
const TRACE_BYTES = 160;

export interface ConnectionOptions {
  readonly timers: Timers;
  /** Milliseconds to wait for an answer. */
  readonly timeoutMs: number;
}

export class Connection {
  readonly client: SessionClient;
  isClosed = false;
  private readonly notes: { readonly way: string; readonly what: Uint8Array | string }[] = [];
  private readonly heard: Uint8Array[] = [];
  private readonly listeners = new Set<() => void>();
  private markers = 0;
  /** The last one. */
  private readonly outgoing: Uint8Array[] = [];
  private isHeldBack = false;

  /** Starts the link. */
  constructor(
    readonly link: Link,
    private readonly options: ConnectionOptions,
  ) {
    const { timers, timeoutMs } = options;
    this.client = new SessionClient(this.watched(), {
      ...{ timers, timeoutMs, retries: 0, window: 8 },
      onClosed: () => {
        this.isClosed = true;
      },
    });
  }

  /** What went over the link last, the newest last. */
  get trace(): readonly string[] {
    return this.notes.map(({ way, what }) => `${way} ${typeof what === 'string' ? what : hexOf(what)}`);
  }

  /** @throws SmpError `smp/timeout`, LinkError, CborError for an answer that cannot be read */
  async ask(request: SmpRequest): Promise<Answer> {
    const packet = await this.client.exchange(request);
    return readAnswer(packet);
  }

  /** Waits until the device has answered something that was asked now. @throws SmpError `smp/timeout`, LinkError */
  async alive(): Promise<void> {
    const text = `here ${this.markers++}`;
    const { body } = await this.ask(echoRequest(text));
    if (body.get('r') !== text) throw new Nonconformity(`"echo" of "${text}" came back as ${describe(body)}`);
  }

  /**
   * Puts a packet on the link, below any session, then waits for the device to answer something else.
   * @returns what it sent in between, beside that answer
   */
  async inject(packet: Uint8Array): Promise<readonly SmpPacket[]> {
    return this.after(() => {
      this.said(packet);
      this.link.send(packet);
    });
  }

  /** The same with bytes of the line, written in so many pieces. */
  async injectLine(...pieces: readonly Uint8Array[]): Promise<readonly SmpPacket[]> {
    const { line } = this.link;
    if (line === undefined) throw new Error('this link has no line');
    return this.after(() => {
      for (const piece of pieces) {
        this.note('line', piece);
        line.write(piece);
      }
    });
  }

  /** Bytes that come in over the line while something is done. */
  async lineDuring(action: () => Promise<void>): Promise<Uint8Array> {
    const { line } = this.link;
    if (line === undefined) throw new Error('this link has no line');
    const chunks: Uint8Array[] = [];
    line.watch((bytes) => chunks.push(bytes));
    await action();
    return Buffer.concat(chunks.splice(0));
  }

  /**
   * The last packet that went out while something was done. `keep`: it did not reach the device, so that whatever it
   * says is new there.
   */
  async lastSent(action: () => Promise<void>, keep?: 'keep'): Promise<Uint8Array> {
    this.outgoing.length = 0;
    this.isHeldBack = keep === 'keep';
    try {
      await action();
    } catch (error) {
      if (keep === undefined) throw error; // nobody answers what was held back
    } finally {
      this.isHeldBack = false;
    }
    const [sent] = this.outgoing;
    if (sent === undefined) throw new Error('nothing was sent');
    return sent;
  }

  /** Waits for a packet that fits; undefined when none comes in the time for an answer. */
  async hear(fits: (packet: SmpPacket) => boolean): Promise<SmpPacket | undefined> {
    const find = (): SmpPacket | undefined => this.packets().find(fits);
    const { timers, timeoutMs } = this.options;
    return (
      find() ??
      new Promise((resolve) => {
        const end = (packet: SmpPacket | undefined): void => {
          cancel();
          this.listeners.delete(listener);
          resolve(packet);
        };
        const cancel = timers.after(timeoutMs, () => {
          end(undefined);
        });
        const listener = (): void => {
          const packet = find();
          if (packet !== undefined) end(packet);
        };
        this.listeners.add(listener);
      })
    );
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async after(action: () => void): Promise<readonly SmpPacket[]> {
    this.heard.length = 0;
    const marker = `here ${this.markers}`;
    action();
    await this.alive();
    return this.packets().filter((packet) => !isEchoOf(packet, marker));
  }

  private packets(): SmpPacket[] {
    return this.heard.flatMap((bytes) => {
      try {
        return [decodePacket(bytes)];
      } catch (error) {
        if (error instanceof TimebandError) return [];
        throw error;
      }
    });
  }

  /** The link with somebody who listens. */
  private watched(): Link {
    const { link } = this;
    return {
      name: link.name,
      send: (packet) => {
        this.outgoing[0] = packet;
        if (this.isHeldBack) return;
        this.said(packet);
        link.send(packet);
      },
      close: () => link.close(),
      start: (handlers: LinkHandlers) => {
        link.start({
          ...handlers,
          packet: (packet) => {
            this.note('<-', packet);
            this.heard.push(packet);
            if (this.heard.length > 256) this.heard.shift();
            for (const listener of [...this.listeners]) listener();
            handlers.packet(packet);
          },
          fault: (error) => {
            this.note('<-', `${error.code}: ${error.message}`);
            handlers.fault(error);
          },
        });
      },
    };
  }

  private said(packet: Uint8Array): void {
    this.note('->', packet);
  }

  private note(way: string, what: Uint8Array | string): void {
    this.notes.push({ way, what });
    if (this.notes.length > TRACE_PACKETS) this.notes.shift();
  }
}

export function echoRequest(text: string): SmpRequest {
  return {
    ...{ op: 'write', group: OS_GROUP, id: OS_COMMAND.echo, name: 'echo', idempotent: true },
    body: new Map([['d', text]]),
  };
}

/** @throws CborError, Nonconformity */
export function readAnswer(packet: SmpPacket): Answer {
  const body = decodeLenient(packet.payload);
  if (!(body instanceof Map)) throw new Nonconformity('an answer that is no map');
  return { packet, body: body as CborMap, refusal: refusalIn(body as CborMap) };
}

function refusalIn(body: CborMap): Refusal | undefined {
  const err = body.get('err');
  const refusal = err instanceof Map ? (err as CborMap) : body;
  const [rc, group] = [refusal.get('rc'), refusal.get('group')];
  if (typeof rc !== 'number' || rc === 0) return undefined;
  return { rc, group: typeof group === 'number' ? group : undefined };
}

/** A refusal or an answer in a sentence. */
export function describe(body: CborMap): string {
  const refusal = refusalIn(body);
  if (refusal !== undefined)
    return refusal.group === undefined
      ? `the refusal {"rc": ${refusal.rc}}`
      : `the refusal ${refusal.rc} of group ${refusal.group}`;
  return body.size === 0 ? 'success' : `success (${[...body.keys()].map(String).join(', ')})`;
}

function isEchoOf(packet: SmpPacket, text: string): boolean {
  const { group, id, op } = packet;
  if (group !== OS_GROUP || id !== OS_COMMAND.echo || op !== OP.writeResponse) return false;
  try {
    return readAnswer(packet).body.get('r') === text;
  } catch {
    return false;
  }
}

function hexOf(bytes: Uint8Array): string {
  const shown = toHex(bytes.subarray(0, TRACE_BYTES));
  return bytes.length > TRACE_BYTES ? `${shown}… (${bytes.length} bytes)` : shown;
}
