/** A catalogue as a table, for people and their spreadsheets. */
import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { ASKED, type Asked, type Service } from './catalogue.js';
import { ExpectedError } from '../expected-error.js';

/** A table that is no catalogue; the message names line and column. */
export class CatalogueError extends ExpectedError {
  override readonly name = 'CatalogueError';
}

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const count = (least: number, most: number) => z.coerce.number().pipe(z.int().min(least).max(most));
const name = z.string().trim().min(1).max(80);
const ROW = z.object({
  code: count(1, 65_535),
  group: count(1, 255),
  group_zh: name,
  group_en: name,
  name_zh: name,
  name_en: name,
  minutes: count(1, 1_440),
  evidence: z.enum(Object.keys(ASKED) as [Asked, ...Asked[]]),
  redeemable: flag,
  qualified: flag,
});
const COLUMNS = Object.keys(ROW.shape);

/** @throws CatalogueError */
export function parseCatalogue(csv: string): Service[] {
  let rows: Readonly<Record<string, string>>[];
  try {
    rows = parse(csv, { columns: true, bom: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CatalogueError(`not a table of comma-separated values: ${error.message}`, { cause: error });
  }
  const missing = COLUMNS.filter((column) => !(column in (rows[0] ?? {})));
  if (missing.length > 0) throw new CatalogueError(`the first line lacks ${missing.join(', ')}`);
  const services = rows.map(serviceOf);
  const codes = new Set<number>();
  services.forEach(({ code }, i) => {
    if (codes.has(code)) throw new CatalogueError(`line ${i + 2}: there are two services ${code}`);
    codes.add(code);
  });
  return services;
}

export function formatCatalogue(services: Iterable<Service>): string {
  const rows = [...services].map((service) => ({
    code: service.code,
    group: service.group,
    ...{ group_zh: service.groupName.zh, group_en: service.groupName.en },
    ...{ name_zh: service.name.zh, name_en: service.name.en },
    ...{ minutes: service.minutes, evidence: service.asks },
    ...{ redeemable: String(service.redeemable), qualified: String(service.qualified) },
  }));
  return stringify(rows, { header: true, columns: COLUMNS });
}

/** The services that a gateway comes with. */
export function starterCatalogue(): Service[] {
  return parseCatalogue(readFileSync(new URL('../../catalogue.csv', import.meta.url), 'utf8'));
}

function serviceOf(row: Readonly<Record<string, string>>, index: number): Service {
  const read = ROW.safeParse(row);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new CatalogueError(`line ${index + 2}, ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { code, group, minutes, evidence: asks, redeemable, qualified, ...names } = read.data;
  return {
    ...{ code, group, minutes, asks, redeemable, qualified },
    groupName: { zh: names.group_zh, en: names.group_en },
    name: { zh: names.name_zh, en: names.name_en },
  };
}
