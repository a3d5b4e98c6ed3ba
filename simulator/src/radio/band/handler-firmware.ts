/** A firmware made of one function from an SMP packet to its answer, for bands whose answers are made elsewhere. */
import type { BandAdvert, FirmwareFactory } from './firmware.js';

export interface HandlerOptions {
  readonly advert: () => BandAdvert | undefined;
  /** The answer to a whole SMP packet; undefined for none. Its rejection is the simulation's failure, not the band's. */
  readonly smp: (packet: Uint8Array) => Promise<Uint8Array | undefined>;
  readonly maxPacketBytes?: number;
}

const DEFAULT_MAX_PACKET_BYTES = 512;

/** An answer that comes after its connection has ended is dropped. */
export function handlerFirmware(options: HandlerOptions): FirmwareFactory {
  return ({ send }) => {
    let connection = 0;
    const forget = (): void => {
      connection++;
    };
    const answer = async (packet: Uint8Array): Promise<void> => {
      const asked = connection;
      const answered = await options.smp(packet);
      if (answered !== undefined && asked === connection) send(answered);
    };
    return {
      advert: options.advert,
      maxPacketBytes: options.maxPacketBytes ?? DEFAULT_MAX_PACKET_BYTES,
      received: (packet) => void answer(packet),
      connected: forget,
      disconnected: forget,
      rebooted: forget,
    };
  };
}
