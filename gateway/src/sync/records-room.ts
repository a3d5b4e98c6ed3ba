/** How many bytes of records to ask a device for at a time (SPEC.md, Commands). */
import {
  DEFAULT_RECORDS_BYTES,
  HEADER_BYTES,
  MAX_GATT_PACKET_BYTES,
  SESSION_OVERHEAD_BYTES,
  type SmpParameters,
} from '@timeband/protocol';

/** In an answer beside the records: header, a map with an array of up to 65,535 elements, and what a session adds. */
const AROUND_RECORDS_BYTES = HEADER_BYTES + 5 + SESSION_OVERHEAD_BYTES;

/** What the device's buffer has room for, so that a backlog takes few round trips; never less than where nothing is said. */
export function recordsRoom({ bufferBytes }: SmpParameters): number {
  const buffer = Math.min(bufferBytes, MAX_GATT_PACKET_BYTES);
  return Math.max(DEFAULT_RECORDS_BYTES, buffer - AROUND_RECORDS_BYTES);
}
