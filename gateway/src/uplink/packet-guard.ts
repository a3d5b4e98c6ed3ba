/**
 * Watches the packets that come from the city (MQTT 3.1.1 §2.2) before the client library gathers them: it would hold
 * up to 256 MB for one packet, and every QoS 2 message until its release. Neither has any business here.
 */

const PUBLISH = 3;
const LENGTH_BITS = 28;

/** Where in a packet the next byte stands. */
type Place = 'type' | 'length' | 'body';

export class PacketGuard {
  private place: Place = 'type';
  private length = 0;
  private bits = 0;
  private rest = 0;

  /** @param maxBytes longest packet, without its fixed header */
  constructor(private readonly maxBytes: number) {}

  /** Takes the next bytes of the connection. @returns what is wrong with them */
  take(bytes: Uint8Array): string | undefined {
    for (let at = 0; at < bytes.length;) {
      if (this.place === 'body') {
        const taken = Math.min(this.rest, bytes.length - at);
        at += taken;
        this.rest -= taken;
        if (this.rest === 0) this.place = 'type';
        continue;
      }
      const fault = this.takeHeader(bytes[at++] ?? 0);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  private takeHeader(byte: number): string | undefined {
    if (this.place === 'type') {
      this.place = 'length';
      this.length = 0;
      this.bits = 0;
      return byte >> 4 === PUBLISH && (byte & 0b100) !== 0 ? 'a message of QoS 2' : undefined;
    }
    this.length += (byte & 0x7f) * 2 ** this.bits;
    this.bits += 7;
    if (byte >= 0x80) return this.bits < LENGTH_BITS ? undefined : 'a length without an end';
    if (this.length > this.maxBytes) return `a packet of ${this.length} bytes`;
    this.rest = this.length;
    this.place = this.rest === 0 ? 'type' : 'body';
    return undefined;
  }
}
