/**
 * Reads and writes of an open serial port, done at once on its non-blocking descriptor instead of by serialport's
 * bindings for Linux and macOS, for two reasons that were measured:
 * - when a USB reader is pulled out, the kernel answers reads with no bytes or an error, both of which the bindings
 *   take for "try again", and then spin without ever saying that the port is gone;
 * - they send each read and write through the thread pool, which costs more than twice what it does.
 */
import { readSync, writeSync } from 'node:fs';
import type { SerialPort } from 'serialport';

/** What serialport's bindings for Linux and macOS have in common. */
interface PolledPort {
  readonly fd: number | null;
  readonly isOpen: boolean;
  readonly poller: {
    readonly once: (event: 'readable' | 'writable', ready: (error: Error | null) => void) => unknown;
  };
  read: (buffer: Buffer, offset: number, length: number) => Promise<{ buffer: Buffer; bytesRead: number }>;
  write: (buffer: Buffer) => Promise<void>;
}

/** Takes over an open port's reads and writes. Elsewhere than on Linux and macOS it does nothing. */
export function useDirectIo(port: SerialPort): void {
  const binding: object | undefined = port.port;
  if (binding === undefined || !isPolled(binding)) return;
  /** Whether bytes may be left over: then there is no need to wait for more. */
  let more = false;

  binding.read = async (buffer, offset, length) => {
    for (;;) {
      if (!more) await ready(binding, 'readable');
      more = false;
      try {
        const bytesRead = readSync(descriptorOf(binding), buffer, offset, length, null);
        if (bytesRead === 0) throw new Error('end of file');
        more = bytesRead === length;
        return { buffer, bytesRead };
      } catch (error) {
        if (!isBusy(error)) throw asHangUp(error);
      }
    }
  };

  binding.write = async (buffer) => {
    for (let written = 0; written < buffer.length;) {
      try {
        written += writeSync(descriptorOf(binding), buffer, written);
      } catch (error) {
        if (!isBusy(error)) throw asHangUp(error);
        await ready(binding, 'writable');
      }
    }
  };
}

function isPolled(binding: object): binding is PolledPort {
  return (
    'poller' in binding && 'fd' in binding && 'read' in binding && 'write' in binding && 'isOpen' in binding
  );
}

/** An error with this mark is no fault to serialport: somebody closed the port. */
const CANCELED = { canceled: true };

function descriptorOf({ fd, isOpen }: PolledPort): number {
  if (!isOpen || fd === null) throw Object.assign(new Error('the port is closed'), CANCELED);
  return fd;
}

function ready({ poller }: PolledPort, event: 'readable' | 'writable'): Promise<void> {
  return new Promise((resolve, reject) => {
    poller.once(event, (error) => {
      if (error === null) resolve();
      else reject(asHangUp(error));
    });
  });
}

/** Marks an error so that serialport closes the port, unless somebody did already. */
function asHangUp(cause: unknown): Error {
  if (cause instanceof Error && 'canceled' in cause) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return Object.assign(new Error(`the line hung up: ${why}`), { disconnect: true });
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK' || error.code === 'EINTR';
}
