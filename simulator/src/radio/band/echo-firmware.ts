/** The least that a firmware can be: it advertises under one address, and answers SMP's echo and parameters. */
import { type CommandSettings, osCommands } from '../../firmware/commands.js';
import { SmpServer } from '../../firmware/server.js';
import type { Address } from '../air/address.js';
import { plainAdvert } from './adverts.js';
import type { FirmwareFactory } from './firmware.js';

/** Bands hold larger SMP packets than readers: a handshake's messages are long. */
const SETTINGS: CommandSettings = { bufferBytes: 512, bufferCount: 2, signMs: 0 };

export interface EchoOptions {
  readonly address: Address;
  readonly name: string;
  /** Between two adverts. */
  readonly intervalMs: number;
}

export function echoFirmware({ address, name, intervalMs }: EchoOptions): FirmwareFactory {
  return ({ timers, send }) => {
    const server = new SmpServer({ commands: osCommands(SETTINGS), settings: SETTINGS, timers, send });
    const advert = plainAdvert(address, name, intervalMs);
    const forget = (): void => {
      server.reset();
    };
    return {
      advert: () => advert,
      maxPacketBytes: SETTINGS.bufferBytes,
      received: (packet) => {
        server.receive(packet);
      },
      connected: () => undefined,
      disconnected: forget,
      rebooted: forget,
    };
  };
}
