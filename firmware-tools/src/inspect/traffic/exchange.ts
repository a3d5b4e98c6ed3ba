/** What was seen on a link, one thing at a time, whatever it was seen by. */

/** From where to where: a host asks, a device answers. Absent where nobody can tell. */
export type Direction = 'to device' | 'from device';

interface Seen {
  /** Unix milliseconds; absent where a capture does not say. */
  readonly at?: number | undefined;
  readonly direction?: Direction | undefined;
  /** Which of several: a connection, an address, a port. */
  readonly where?: string | undefined;
}

export type Exchange = Seen &
  (
    | { readonly kind: 'packet'; readonly bytes: Uint8Array }
    /** Bytes that were no packet. */
    | { readonly kind: 'fault'; readonly code: string; readonly message: string }
    /** Bytes of a serial line that belong to no frame: a device's console. */
    | { readonly kind: 'console'; readonly bytes: Uint8Array }
    | {
        readonly kind: 'advert';
        readonly bytes: Uint8Array;
        readonly address: Uint8Array;
        readonly rssi: number | undefined;
      }
    /** Something else that happened on the radio, in words. */
    | { readonly kind: 'note'; readonly says: string }
  );

export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}
