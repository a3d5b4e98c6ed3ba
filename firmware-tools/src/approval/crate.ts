/**
 * A crate of new elders, from a table that a person wrote: whose each band is, and who is welcomed. Either the whole table makes
 * sense or nothing comes of it.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { equalBytes, fromHex, isId, type Register } from '@timeband/protocol';

/** One elder, whose band is known. */
export interface NewElder {
  /** In the file, from 1. */
  readonly line: number;
  readonly account: string;
  readonly band: string;
  /** Of the band's key, 32 bytes; a tag has none. */
  readonly thumbprint?: Uint8Array | undefined;
  /** The band said itself whose it is when it was provisioned: that needs no enrolment any more. */
  readonly isEnrolled: boolean;
}

export interface Crate {
  readonly elders: readonly NewElder[];
  /** What is wrong, with the line it stands in. */
  readonly wrong: readonly { readonly line: number; readonly why: string }[];
  /** Columns that nobody reads, such as a name or a room. */
  readonly ignored: readonly string[];
}

/** Columns by what they say; several tables that technicians have call a band a device, and its thumbprint a key. */
const COLUMNS: Readonly<Record<keyof Cells, readonly string[]>> = {
  account: ['account'],
  band: ['band', 'device'],
  serial: ['serial'],
  thumbprint: ['thumbprint', 'key'],
};

interface Cells {
  readonly account: string;
  readonly band: string;
  readonly serial: string;
  readonly thumbprint: string;
}

/** What is the matter with a line. */
class BadRow extends Error {
  override readonly name = 'BadRow';
}

/** A table that cannot be read at all; the message is for whoever wrote it. */
export class CrateError extends Error {
  override readonly name = 'CrateError';
}

/** A table as a spreadsheet saves it. @throws CrateError */
export function readCrate(bytes: Uint8Array, register?: Register): Crate {
  const { rows, ignored } = readRows(bytes);
  const elders: NewElder[] = [];
  const wrong: { line: number; why: string }[] = [];
  const takenBy = { account: new Map<string, number>(), band: new Map<string, number>() };
  for (const { line, cells } of rows) {
    try {
      const elder = { line, ...elderOf(cells, register) };
      for (const what of ['account', 'band'] as const) {
        const before = takenBy[what].get(elder[what]);
        if (before !== undefined) throw new BadRow(`${elder[what]} is in line ${before} already`);
      }
      for (const what of ['account', 'band'] as const) takenBy[what].set(elder[what], line);
      elders.push(elder);
    } catch (error) {
      if (!(error instanceof BadRow)) throw error;
      wrong.push({ line, why: error.message });
    }
  }
  return { elders, wrong, ignored };
}

function elderOf(cells: Cells, register: Register | undefined): Omit<NewElder, 'line'> {
  const { account, serial, thumbprint } = cells;
  if (account === '') throw new BadRow('it says no account');
  if (!isId(account))
    throw new BadRow(`"${account}" is no account: lower-case letters, digits, single hyphens`);
  const typed = thumbprint === '' ? undefined : readThumbprint(thumbprint);
  const band = cells.band === '' ? bandOfSerial(serial, register) : cells.band;
  if (!isId(band)) throw new BadRow(`"${band}" is no band: band-7, or tag- and the UID of a tag`);
  if (band.startsWith('tag-')) {
    if (typed !== undefined) throw new BadRow(`${band} is a tag, and has no key`);
    return { account, band, isEnrolled: false };
  }
  if (register === undefined) {
    if (typed === undefined)
      throw new BadRow(`nothing says which key ${band} has: give --register and --issuer`);
    return { account, band, thumbprint: typed, isEnrolled: false };
  }
  return { account, band, ...standing(band, account, typed, register) };
}

/** What the register says of a band, where that lets it be handed out. */
function standing(
  band: string,
  account: string,
  typed: Uint8Array | undefined,
  register: Register,
): Pick<NewElder, 'thumbprint' | 'isEnrolled'> {
  const found = register.byDevice(band);
  if (found === undefined) throw new BadRow(`the register knows no ${band}`);
  const { entry, certified, state } = found;
  const { thumbprint } = certified;
  if (certified.role !== 'band') throw new BadRow(`${band} is a ${certified.role}, which is nobody's`);
  if (state !== 'issued') throw new BadRow(`${band} was not finished: plug it in at the bench again`);
  if (register.isRevoked(thumbprint)) throw new BadRow(`${band} is revoked`);
  if (typed !== undefined && !equalBytes(typed, thumbprint))
    throw new BadRow(`the register has another key of ${band} than this line`);
  if (entry.account !== undefined && entry.account !== account)
    throw new BadRow(`${band} was given to ${entry.account} when it was provisioned`);
  return { thumbprint, isEnrolled: entry.account !== undefined };
}

function bandOfSerial(serial: string, register: Register | undefined): string {
  if (serial === '') throw new BadRow('it says no band');
  const device = register?.bySerial(serial)?.entry.device;
  if (device !== undefined) return device;
  throw new BadRow(
    register === undefined
      ? `which band has serial ${serial} stands in the register: give --register and --issuer`
      : `the register knows no serial ${serial}`,
  );
}

function readThumbprint(text: string): Uint8Array {
  if (/^[0-9a-f]{64}$/.test(text)) return fromHex(text);
  throw new BadRow(`"${text}" is no thumbprint: 64 hexadecimal digits`);
}

interface Row {
  readonly line: number;
  readonly cells: Cells;
}

/** @throws CrateError */
function readRows(bytes: Uint8Array): { readonly rows: readonly Row[]; readonly ignored: readonly string[] } {
  const { head, records } = parsed(textOf(bytes));
  const place = (names: readonly string[]): number =>
    head.findIndex((column) => names.includes(column.toLowerCase()));
  const places = {
    ...{ account: place(COLUMNS.account), band: place(COLUMNS.band) },
    ...{ serial: place(COLUMNS.serial), thumbprint: place(COLUMNS.thumbprint) },
  };
  if (places.account < 0 || Math.max(places.band, places.serial) < 0)
    throw new CrateError('its first line has to name the columns "account" and "band"');
  const rows = records.map(({ line, record }) => {
    const cell = (column: number): string => (column < 0 ? '' : (record[column] ?? ''));
    const cells = {
      ...{ account: cell(places.account), band: cell(places.band) },
      ...{ serial: cell(places.serial), thumbprint: cell(places.thumbprint) },
    };
    return { line, cells };
  });
  if (rows.length === 0) throw new CrateError('there is nobody in it');
  const known: readonly number[] = Object.values(places);
  return { rows, ignored: head.filter((_, i) => !known.includes(i)) };
}

interface Parsed {
  readonly head: readonly string[];
  readonly records: readonly { readonly line: number; readonly record: readonly string[] }[];
}

/** @throws CrateError */
function parsed(text: string): Parsed {
  const all: { line: number; record: readonly string[] }[] = [];
  try {
    parse(text, {
      ...{ bom: true, trim: true, skip_empty_lines: true, relax_column_count: true },
      on_record: (record: string[], { lines }) => {
        all.push({ line: lines, record });
        return null;
      },
    });
    const [first, ...rest] = all;
    return {
      head: first?.record ?? [],
      records: rest.filter(({ record }) => record.some((cell) => cell !== '')),
    };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CrateError(`it is no table of comma-separated values: ${error.message}`);
  }
}

/** @throws CrateError */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CrateError('it is not in UTF-8: save it as "CSV UTF-8"');
  }
}
