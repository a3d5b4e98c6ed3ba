/** What the two ends of a connection are to each other, seen from the link layer between them. */

/** Payload of one LL data PDU: the beginning of an L2CAP frame, or more of it. */
export interface Fragment {
  readonly isStart: boolean;
  readonly bytes: Uint8Array;
}

/** What a band is told of its connection. */
export interface PeripheralEnd {
  readonly received: (fragment: Fragment) => void;
  /** Nothing more comes. */
  readonly ended: () => void;
}

/** What a band can do with its connection. */
export interface PeripheralLink {
  /** Sends an L2CAP frame in as many fragments as it needs. False when too much is waiting already. */
  readonly send: (frame: Uint8Array) => boolean;
  /** Sends a payload as it is, sound or not. */
  readonly sendFragment: (fragment: Fragment) => boolean;
  /** Ends the connection after what is still to be sent; `ended` follows. */
  readonly disconnect: () => void;
  /** Falls silent for good, as by a power cut; `ended` does not follow. */
  readonly abandon: () => void;
}

/** Cuts an L2CAP frame to what one PDU carries. */
export function fragmentsOf(frame: Uint8Array, octets: number, isStart = true): Fragment[] {
  const fragments: Fragment[] = [{ isStart, bytes: frame.subarray(0, octets) }];
  for (let from = octets; from < frame.length; from += octets) {
    fragments.push({ isStart: false, bytes: frame.subarray(from, from + octets) });
  }
  return fragments;
}
