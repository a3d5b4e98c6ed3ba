/** How long things take on the LE 1M PHY, in milliseconds (Bluetooth Core 5.4, Vol 6, Part B). */

/** Preamble, access address, header and CRC: ten octets around every payload. */
const OCTETS_AROUND = 10;
const MS_PER_OCTET = 0.008;

/** Between two packets of one exchange (4.1.1). */
export const INTER_FRAME_MS = 0.15;

/** Most payload a data PDU carries with and without the data length extension (2.4). */
export const MIN_DATA_OCTETS = 27;
export const MAX_DATA_OCTETS = 251;

/** Most data an advert carries (2.3.1), and the advertiser's address before it. */
export const MAX_ADVERT_BYTES = 31;
const ADVERTISER_OCTETS = 6;

const SCAN_REQUEST_OCTETS = 12;
const CONNECT_IND_OCTETS = 34;

/** Advertising channels 37, 38 and 39. */
export const ADVERTISING_CHANNELS = 3;

/** From one channel's PDU to the next channel's: the longest PDU and time for a request in answer to it. */
export const CHANNEL_STEP_MS = 1;

/** Random delay added to every advertising interval so that two bands do not collide for ever (4.4.2.2.1). */
export const MAX_ADVERTISING_DELAY_MS = 10;

/** Fixed part of the delay from CONNECT_IND to the transmit window (4.5.3). */
export const TRANSMIT_WINDOW_DELAY_MS = 1.25;

/** Unit of connection intervals and transmit window offsets; that of scanning is half of it. */
export const INTERVAL_UNIT_MS = 1.25;

export function packetMs(payloadOctets: number): number {
  return (OCTETS_AROUND + payloadOctets) * MS_PER_OCTET;
}

export function advertMs(dataBytes: number): number {
  return packetMs(ADVERTISER_OCTETS + dataBytes);
}

/** SCAN_REQ, the pause around it, and the scan response. */
export function scanExchangeMs(responseBytes: number): number {
  return 2 * INTER_FRAME_MS + packetMs(SCAN_REQUEST_OCTETS) + advertMs(responseBytes);
}

/** The pause after an advert and CONNECT_IND. */
export const CONNECT_REQUEST_MS = INTER_FRAME_MS + packetMs(CONNECT_IND_OCTETS);
