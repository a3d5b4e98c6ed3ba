/** The newest records of a device, for what it says of itself in them. */
import {
  call,
  COMMAND,
  decodeRecord,
  type DeviceStatement,
  type Identity,
  KIND,
  readDevice,
  type SmpClient,
  TimebandError,
} from '@timeband/protocol';

export interface NewestRecord {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** At most `count` of them, the oldest first. @throws SmpError, LinkError, CborError */
export async function readNewest(
  client: SmpClient,
  { oldest }: Pick<Identity, 'oldest'>,
  head: number,
  count: number,
): Promise<readonly NewestRecord[]> {
  const newest: NewestRecord[] = [];
  for (let seq = Math.max(oldest, head - count + 1, 1); seq <= head;) {
    const records = await call(client, COMMAND.records, { from: seq });
    if (records.length === 0) break;
    for (const bytes of records) newest.push({ seq: seq++, bytes });
  }
  return newest;
}

/** What a record says of its device; undefined where it says something else, or is none. */
export function statementIn(bytes: Uint8Array): DeviceStatement | undefined {
  try {
    const { kind, body } = decodeRecord(bytes);
    return kind === KIND.device ? readDevice(body) : undefined;
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}
