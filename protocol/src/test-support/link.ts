import { LinkError, type TimebandError } from '../errors.js';
import type { Link, LinkHandlers } from '../link.js';
import { decodePacket, encodePacket, OP, type SmpPacket } from '../smp/header.js';

/** A link whose far end is the test itself: it sees every request and answers when and how it likes. */
export class ScriptedLink implements Link {
  readonly name = 'scripted';
  readonly sent: SmpPacket[] = [];
  private handlers: LinkHandlers | undefined;
  private isClosed = false;

  start(handlers: LinkHandlers): void {
    this.handlers = handlers;
  }

  send(packet: Uint8Array): void {
    if (this.isClosed) throw new LinkError('link/closed', 'scripted is closed');
    this.sent.push(decodePacket(packet));
  }

  close(): Promise<void> {
    this.lose();
    return Promise.resolve();
  }

  /** Answers the request that was sent as number `index`, with parts of the answer changed. */
  answer(index: number, payload: Uint8Array, changed: Partial<SmpPacket> = {}): void {
    const request = this.sent[index];
    if (request === undefined) throw new Error(`no request ${index} was sent`);
    const op = request.op === OP.read ? OP.readResponse : OP.writeResponse;
    this.deliver(encodePacket({ ...request, op, payload, ...changed }));
  }

  deliver(packet: Uint8Array): void {
    this.handlers?.packet(packet);
  }

  damage(error: TimebandError): void {
    this.handlers?.fault(error);
  }

  /** Ends the link as if it had been unplugged. */
  lose(reason?: Error): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.handlers?.closed(reason);
  }
}
