/** Opening a serial port, whatever is spoken on it. */
import { SerialPort } from 'serialport';
import { LinkError } from '../errors.js';
import { useDirectIo } from './direct-io.js';

export const DEFAULT_BAUD_RATE = 115_200;

export interface SerialLinkOptions {
  readonly path: string;
  readonly baudRate?: number;
}

/** @throws LinkError `link/open` saying what to look at */
export async function openPort({
  path,
  baudRate = DEFAULT_BAUD_RATE,
}: SerialLinkOptions): Promise<SerialPort> {
  const port = new SerialPort({ path, baudRate, autoOpen: false, hupcl: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (error === null) resolve();
      else reject(new LinkError('link/open', `cannot open ${path}: ${error.message}`, { path }));
    });
  });
  useDirectIo(port);
  return port;
}
