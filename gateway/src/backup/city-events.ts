/**
 * What the city has of a gateway's events that its backup has not: verified, followed from event to event, and kept as
 * evidence. One message a line in hexadecimal, as `mosquitto_sub -F %x` prints them.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  equalBytes,
  type EventHead,
  EventVerifier,
  fromHex,
  TimebandError,
  type Certificate,
} from '@timeband/protocol';

export interface CityEvents {
  /** Events after the backup, each once. */
  readonly later: number;
  /** The newest of them. */
  readonly newest: EventHead | undefined;
  /** Devices whose records they are of, at most so many as are told. */
  readonly devices: readonly string[];
  /** Places where an event that follows is not the one that was named: something is missing, or told twice. */
  readonly gaps: number;
  /** Lines that are no event of this gateway. */
  readonly unusable: number;
}

const MOST_DEVICES = 100;

/**
 * @param head the newest event in the backup
 * @param signers certificates of the gateway, verified
 * @throws what reading the file throws
 */
export async function readCityEvents(
  file: string,
  head: EventHead | undefined,
  signers: readonly Certificate[],
): Promise<CityEvents> {
  const verifier = new EventVerifier();
  for (const signer of signers) verifier.trust(signer);
  const devices = new Set<string>();
  let [later, gaps, unusable] = [0, 0, 0];
  let newest: EventHead | undefined;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line.trim() === '') continue;
    const verified = open(verifier, line.trim());
    if (verified === undefined) {
      unusable++;
      continue;
    }
    const { event, hash } = verified;
    const last = newest ?? head;
    if (last !== undefined && !isAfter(event, last)) continue;
    if (event.epoch === last?.epoch && !equalBytes(event.previous, last.hash)) gaps++;
    later++;
    newest = { epoch: event.epoch, seq: event.seq, hash };
    if (devices.size < MOST_DEVICES) devices.add(event.device);
  }
  return { later, newest, devices: [...devices].sort(), gaps, unusable };
}

/** Whether an event stands after a head, in its epoch or a later one. */
export function isAfter(
  { epoch, seq }: Pick<EventHead, 'epoch' | 'seq'>,
  head: Pick<EventHead, 'epoch' | 'seq'>,
): boolean {
  return epoch === head.epoch ? seq > head.seq : epoch > head.epoch;
}

function open(verifier: EventVerifier, hex: string) {
  if (!/^([0-9a-f]{2})+$/i.test(hex)) return undefined;
  try {
    return verifier.verify(fromHex(hex.toLowerCase()));
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return undefined;
  }
}
