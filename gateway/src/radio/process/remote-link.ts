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

export interface RemoteLinkOptions {
  /** In the conversation. */
  readonly number: number;
  readonly name: string;
  /** The device's button was pressed, says the advert on which the radio came. */
  readonly isPressed: boolean;
  /** More devices wait than there are connections. */
  readonly isCrowded: boolean;
  readonly tell: (message: ToRadio) => void;
}

export class RemoteLink implements Link {
  private handlers: LinkHandlers | undefined;
  private outcome: VisitOutcome = 'failed';
  private isClosed = false;
  private resolveClosed: () => void = () => undefined;
  private readonly whenClosed = new Promise<void>((resolve) => (this.resolveClosed = resolve));

  constructor(private readonly options: RemoteLinkOptions) {}

  get name(): string {
    return this.options.name;
  }

  /** A hint: adverts can be played back. */
  get isPressed(): boolean {
    return this.options.isPressed;
  }

  get isCrowded(): boolean {
    return this.options.isCrowded;
  }

  readonly start = (handlers: LinkHandlers): void => {
    this.handlers = handlers;
  };

  readonly send = (packet: Uint8Array): void => {
    if (this.isClosed) throw new LinkError('link/closed', `${this.name} is closed`);
    const { tell, number } = this.options;
    tell({ type: 'packet', link: number, bytes: packet });
  };

  /** The visit came to what it was for. */
  readonly settled = (): void => {
    this.outcome = 'done';
  };

  readonly close = (): Promise<void> => {
    const { tell, number } = this.options;
    if (!this.isClosed) tell({ type: 'close', link: number, outcome: this.outcome });
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
