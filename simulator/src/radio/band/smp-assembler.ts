/** SMP packets out of writes to the characteristic: a packet begins with a write and goes on for its header's length. */
import { concat, HEADER_BYTES } from '@timeband/protocol';

export class SmpAssembler {
  private held: Uint8Array = new Uint8Array();

  constructor(
    private readonly maxBytes: number,
    private readonly deliver: (packet: Uint8Array) => void,
  ) {}

  push(fragment: Uint8Array): void {
    const held = concat(this.held, fragment);
    const [, , high, low] = held;
    const length = high === undefined || low === undefined ? Infinity : HEADER_BYTES + high * 256 + low;
    const isUnsound = held.length > length || held.length > this.maxBytes;
    this.held = isUnsound || held.length === length ? new Uint8Array() : held;
    if (held.length === length && !isUnsound) this.deliver(held);
  }
}
