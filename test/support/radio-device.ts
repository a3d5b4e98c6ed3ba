/** A whole simulated device behind a band's radio: the firmware that readers have, with SMP over GATT for its line. */
import { Deframer, encodeFrame } from '@timeband/protocol';
import type { FirmwareFactory, SimulatedReader } from '@timeband/simulator';

const MAX_PACKET_BYTES = 512;

export function radioFirmware(device: SimulatedReader): FirmwareFactory {
  return ({ send }) => {
    const deframer = new Deframer({ packet: send, fault: () => undefined });
    return {
      advert: () => undefined,
      maxPacketBytes: MAX_PACKET_BYTES,
      received: (packet) => {
        device.receive(encodeFrame(packet));
      },
      connected: () => {
        device.connect((bytes) => {
          deframer.push(bytes);
        });
      },
      disconnected: () => {
        device.disconnect();
      },
      rebooted: () => {
        device.reboot();
      },
    };
  };
}
