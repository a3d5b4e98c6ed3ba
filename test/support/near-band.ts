/** A wristband near a gateway, without the air between them: whole packets on a link in memory, as a radio hands them over. */
import { type Link, LinkError, type LinkHandlers, type Timers } from '@timeband/protocol';
import { type BandRadio, Wristband, type WristbandEvent, type WristbandOptions } from '@timeband/simulator';

export class NearBand {
  readonly wristband: Wristband;
  readonly events: WristbandEvent[] = [];
  /** Answers that are lost on the way while this says so. */
  loses: (answer: Uint8Array) => boolean = () => false;
  private sent = 0;
  private handlers: LinkHandlers | undefined;

  constructor(timers: Timers, options: WristbandOptions) {
    const cannot = (): Promise<never> => Promise.reject(new LinkError('link/open', 'it is alone'));
    const radio: BandRadio = {
      timers,
      send: (packet) => {
        // Never within the call that asked: a link hands over from its own turn.
        if (!this.loses(packet)) queueMicrotask(() => this.handlers?.packet(packet));
      },
      wake: () => undefined,
      disconnect: () => {
        this.end(new LinkError('link/closed', 'the band hung up'));
      },
      switchOff: () => {
        this.end(new LinkError('link/closed', 'the band is switched off'));
      },
      central: { scan: cannot, connect: cannot },
    };
    this.wristband = new Wristband({ ...options, observe: (event) => this.events.push(event) }, radio);
  }

  get isConnected(): boolean {
    return this.handlers !== undefined;
  }

  /** Requests that it was sent. */
  get requests(): number {
    return this.sent;
  }

  /** What it showed its wearer, of records by their numbers. */
  get shown(): readonly (readonly [seq: number, outcome: string, minutes: number | undefined])[] {
    return this.events.flatMap((event) =>
      event.event === 'feedback' ? [[event.seq, event.outcome, event.minutes] as const] : [],
    );
  }

  /** The gateway connects. */
  connect(): Link {
    this.wristband.connected();
    return {
      name: `radio/${this.wristband.id}`,
      start: (handlers) => {
        this.handlers = handlers;
      },
      send: (packet) => {
        if (this.handlers === undefined) throw new LinkError('link/closed', 'the band is gone');
        this.sent++;
        this.wristband.received(packet);
      },
      close: () => {
        this.end();
        return Promise.resolve();
      },
    };
  }

  private end(reason?: Error): void {
    const { handlers } = this;
    if (handlers === undefined) return;
    this.handlers = undefined;
    this.wristband.disconnected();
    handlers.closed(reason);
  }
}
