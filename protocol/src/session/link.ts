/** A gateway's end of a link that may turn out to demand a session: packets pass as they are until one is open. */
import { decodeLenient } from '../cbor/index.js';
import { SessionError, TimebandError } from '../errors.js';
import type { Link, LinkHandlers } from '../link.js';
import { decodePacket, encodePacket, RC, type SmpPacket } from '../smp/index.js';
import type { SecureChannel } from './channel.js';
import { isOpenToAll } from './gate.js';

export class SecureLink implements Link {
  private channel: SecureChannel | undefined;
  /** The counter of the newest request with each SMP sequence number: an answer is bound to it. */
  private readonly requests = new Map<number, number>();

  constructor(private readonly link: Link) {}

  get name(): string {
    return this.link.name;
  }

  /** From here on nothing goes out in clear but what opens sessions, and nothing else is taken in clear. */
  protect(channel: SecureChannel): void {
    this.channel = channel;
    this.requests.clear();
  }

  readonly start = (handlers: LinkHandlers): void => {
    this.link.start({
      ...handlers,
      packet: (bytes) => {
        this.receive(bytes, handlers);
      },
    });
  };

  /** @throws LinkError `link/closed`, SessionError `session/closed` */
  readonly send = (bytes: Uint8Array): void => {
    this.link.send(this.channel === undefined ? bytes : this.seal(bytes, this.channel));
  };

  readonly close = (): Promise<void> => this.link.close();

  private receive(bytes: Uint8Array, handlers: LinkHandlers): void {
    let opened: Uint8Array;
    try {
      opened = this.channel === undefined ? bytes : this.open(bytes, this.channel);
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      handlers.fault(error);
      return;
    }
    handlers.packet(opened);
  }

  private seal(bytes: Uint8Array, channel: SecureChannel): Uint8Array {
    const packet = decodePacket(bytes);
    if (isOpenToAll(packet)) return bytes;
    const { counter, payload } = channel.seal(packet, packet.payload);
    this.requests.set(packet.sequence, counter);
    return encodePacket({ ...packet, payload });
  }

  private open(bytes: Uint8Array, channel: SecureChannel): Uint8Array {
    const packet = decodePacket(bytes);
    if (isOpenToAll(packet) || isAccessDenied(packet)) return bytes;
    const request = this.requests.get(packet.sequence);
    if (request === undefined) throw new SessionError('session/order', 'an answer to nothing that was asked');
    const { payload } = channel.open(packet, packet.payload, request);
    return encodePacket({ ...packet, payload });
  }
}

/** The one answer that a device without the session can give. It is believed: at worst a new session is made. */
function isAccessDenied({ payload }: SmpPacket): boolean {
  const answer = decodeLenient(payload);
  return answer instanceof Map && answer.size === 1 && answer.get('rc') === RC.accessDenied;
}
