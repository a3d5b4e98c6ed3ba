/** A controller on a serial line: a dongle that speaks H4 (Core, Vol 4, Part A). */
import { useDirectIo } from '@timeband/protocol/serial';
import { SerialPort } from 'serialport';
import { RadioFailure, type RadioFailureCode } from '../failure.js';
import { H4Parser } from '../hci/h4.js';
import type { HciPort, HciPortHandlers } from './port.js';

export interface SerialHciOptions {
  readonly path: string;
  readonly baudRate: number;
  /** RTS and CTS, which dongles at a megabaud need. */
  readonly flowControl: boolean;
}

export class SerialHciPort implements HciPort {
  readonly name: string;
  private port: SerialPort | undefined;
  private isClosed = false;

  constructor(private readonly options: SerialHciOptions) {
    this.name = options.path;
  }

  readonly open = async (handlers: HciPortHandlers): Promise<void> => {
    const { path, baudRate, flowControl } = this.options;
    const port = new SerialPort({ path, baudRate, rtscts: flowControl, autoOpen: false });
    await new Promise<void>((resolve, reject) => {
      port.open((error) => {
        if (error === null) resolve();
        else reject(new RadioFailure(codeOf(error.message), `cannot open ${path}: ${error.message}`));
      });
    });
    useDirectIo(port);
    this.port = port;
    const failed = (failure: RadioFailure): void => {
      if (this.isClosed) return;
      this.isClosed = true;
      handlers.failed(failure);
    };
    const parser = new H4Parser({
      packet: (packet) => {
        if (!this.isClosed) handlers.packet(packet);
      },
      lostStep: () => {
        failed(new RadioFailure('radio/lost-step', `what ${path} sends is not HCI`));
      },
    });
    port.on('data', (chunk: Uint8Array) => {
      parser.push(chunk);
    });
    port.once('close', () => {
      failed(new RadioFailure('radio/unplugged', `${path} is gone`));
    });
    port.on('error', (error: Error) => {
      failed(new RadioFailure('radio/port', `${path}: ${error.message}`));
    });
  };

  readonly write = (packet: Uint8Array): void => {
    if (this.port?.isOpen === true) this.port.write(Buffer.from(packet));
  };

  readonly close = async (): Promise<void> => {
    this.isClosed = true;
    const { port } = this;
    if (port?.isOpen !== true) return;
    await new Promise<void>((resolve) => {
      port.close(() => {
        resolve();
      });
    });
  };
}

/** What the system meant, which serialport only passes on in words. */
function codeOf(message: string): RadioFailureCode {
  if (/no such file|not found|ENOENT/i.test(message)) return 'radio/not-found';
  if (/permission|EACCES|EPERM/i.test(message)) return 'radio/permission';
  if (/cannot lock|busy/i.test(message)) return 'radio/busy';
  return 'radio/port';
}
