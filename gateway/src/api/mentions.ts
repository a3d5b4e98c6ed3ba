/** Events about one account: those that name it, and those of bands and tags while they were its. */
import { encode } from '@timeband/protocol';
import { nextTurn } from '../next-turn.js';
import type { EventSourceRow } from '../store/index.js';
import type { Desk } from './desk.js';

/** Events looked through between two rests: some milliseconds. */
const AT_ONCE = 4_000;
/** Somebody waits for the answer; what is left is another page. */
const LONGEST_MS = 2_000;

export interface MentionPage {
  readonly rows: readonly EventSourceRow[];
  /** Position up to which everything was looked through; nothing more comes where it is the head. */
  readonly upTo: number;
}

/** @param after position after which it begins */
export async function mentions(
  { store, ledger }: Pick<Desk, 'store' | 'ledger'>,
  account: string,
  after: number,
  limit: number,
): Promise<MentionPage> {
  const bands = [...new Set(store.ledger.bindingsOf(account).map(({ band }) => band))];
  const name = textOf(account);
  const marks = new Map(bands.map((band) => [band, [textOf(band), ...uidOf(band)]]));
  const sought = { bands, needles: [name, ...[...marks.values()].flat()] };
  const isTheirs = (row: EventSourceRow): boolean => {
    const bytes = Buffer.from(row.record);
    if (bytes.includes(name)) return true;
    const place = {
      at: row.time.latest,
      log: Buffer.from(row.logId).toString('hex'),
      seq: row.logSeq,
      part: 0,
    };
    return bands.some(
      (band) =>
        (row.band === band || row.device === band || marks.get(band)?.some((mark) => bytes.includes(mark))) &&
        ledger.accountOf(band, place) === account,
    );
  };
  const head = ledger.position.event;
  const until = performance.now() + LONGEST_MS;
  const rows: EventSourceRow[] = [];
  let upTo = Math.min(after, head);
  while (upTo < head && rows.length < limit && performance.now() < until) {
    const last = Math.min(head, upTo + AT_ONCE);
    for (const seq of store.mentions.events(sought, upTo + 1, last)) {
      const [row] = store.events(seq, seq);
      upTo = seq;
      if (row !== undefined && isTheirs(row)) rows.push(row);
      if (rows.length === limit) return { rows, upTo };
    }
    upTo = last;
    await nextTurn();
  }
  return { rows, upTo };
}

/** As it stands in a record: with its length, so that no longer name has it in it. */
function textOf(text: string): Buffer {
  return Buffer.from(encode(text));
}

/** A tag is named in a record by its number. */
function uidOf(band: string): Buffer[] {
  const [, hex] = /^tag-((?:[0-9a-f]{2})+)$/.exec(band) ?? [];
  return hex === undefined ? [] : [Buffer.from(encode(new Uint8Array(Buffer.from(hex, 'hex'))))];
}
