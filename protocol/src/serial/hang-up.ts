/**
 * Hang-ups of a serial line. When a USB reader is pulled out, the kernel answers reads with no bytes or an error,
 * both of which serialport takes for "try again" and then spins without ever saying that the port is gone.
 */
import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { SerialPort } from 'serialport';

const readBytes = promisify(read);

/** What serialport's bindings for Linux and macOS have in common. */
interface PolledPort {
  readonly fd: number | null;
  readonly isOpen: boolean;
  readonly poller: {
    readonly once: (event: 'readable', ready: (error: Error | null) => void) => unknown;
  };
  read: (buffer: Buffer, offset: number, length: number) => Promise<{ buffer: Buffer; bytesRead: number }>;
}

/** Makes an open port close with a reason when its line hangs up. Elsewhere than on Linux and macOS it does nothing. */
export function closeOnHangUp(port: SerialPort): void {
  const binding: object | undefined = port.port;
  if (binding === undefined || !isPolled(binding)) return;
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      if (!binding.isOpen || binding.fd === null)
        throw Object.assign(new Error('closed'), { canceled: true });
      try {
        const { bytesRead } = await readBytes(binding.fd, buffer, offset, length, null);
        if (bytesRead > 0) return { buffer, bytesRead };
      } catch (error) {
        if (!isWaiting(error)) throw hungUp(error);
        await readable(binding);
        continue;
      }
      throw hungUp();
    }
  };
}

function isPolled(binding: object): binding is PolledPort {
  return 'poller' in binding && 'fd' in binding && 'read' in binding && 'isOpen' in binding;
}

function readable({ poller }: PolledPort): Promise<void> {
  return new Promise((resolve, reject) => {
    poller.once('readable', (error) => {
      if (error === null) resolve();
      else reject('canceled' in error ? error : hungUp(error));
    });
  });
}

/** An error by which serialport knows that the port is gone. */
function hungUp(cause?: unknown): Error {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return Object.assign(new Error(`the line hung up${why}`), { disconnect: true });
}

function isWaiting(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK' || error.code === 'EINTR';
}
