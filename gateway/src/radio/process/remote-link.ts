/** A device's link as the gateway sees it: one like any other, at whose other end is the radio process. */
import {
  FrameError,
  type Link,
  LinkError,
  type LinkHandlers,
  SmpError,
  type TimebandError,
} from '@timeband/protocol';
import type { VisitOutcome } from '../visit.js';
import type { FromRadio, ToRadio } from './messages.js';

export class RemoteLink implements Link {
  private handlers: LinkHandlers | undefined;
  private outcome: VisitOutcome = 'failed';
  private isClosed = false;
  private resolveClosed: () => void = () => undefined;
  private readonly whenClosed = new Promise<void>((resolve) => (this.resolveClosed = resolve));

  constructor(
    /** Its number in the conversation. */
    readonly link: number,
    readonly name: string,
    private readonly tell: (message: ToRadio) => void,
  ) {}

  readonly start = (handlers: LinkHandlers): void => {
    this.handlers = handlers;
  };

  readonly send = (packet: Uint8Array): void => {
    if (this.isClosed) throw new LinkError('link/closed', `${this.name} is closed`);
    this.tell({ type: 'packet', link: this.link, bytes: packet });
  };

  /** The visit came to what it was for. */
  readonly settled = (): void => {
    this.outcome = 'done';
  };

  readonly close = (): Promise<void> => {
    if (!this.isClosed) this.tell({ type: 'close', link: this.link, outcome: this.outcome });
    return this.whenClosed;
  };

  /** Takes what the radio process says of this link. */
  receive(message: Extract<FromRadio, { type: 'packet' | 'fault' | 'closed' }>): void {
    if (this.isClosed) return;
    if (message.type === 'packet') this.handlers?.packet(message.bytes);
    else if (message.type === 'fault') this.handlers?.fault(faultOf(message.code, message.message));
    else this.ended(message.reason);
  }

  /** The device, or the process that spoke with it, is gone. */
  ended(reason: string | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.handlers?.closed(reason === undefined ? undefined : new LinkError('link/closed', reason));
    this.resolveClosed();
  }
}

function faultOf(code: Extract<FromRadio, { type: 'fault' }>['code'], message: string): TimebandError {
  return code === 'smp/unmatched' ? new SmpError(code, message) : new FrameError(code, message);
}
