/** The files of a batch, and the signatures beside them. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Certificate,
  decodeCose,
  externalAad,
  type PrivateKey,
  sign1,
  verifySign1,
} from '@timeband/protocol';
import { type Batch, batchCsv, batchPdf } from './report.js';
import { labelsPdf, type LabelSheetName } from './labels.js';

/** Files of a batch, by what they are. */
export interface BatchFiles {
  readonly csv: string;
  readonly pdf: string;
  readonly labels: string;
}

/** Writes report, labels and signatures into a folder. @returns their paths */
export async function writeBatch(
  batch: Batch,
  {
    dir,
    key,
    sheet,
    skip,
  }: { dir: string; key: PrivateKey; sheet: LabelSheetName; skip?: number | undefined },
): Promise<BatchFiles> {
  mkdirSync(dir, { recursive: true });
  const name = `batch-${new Date(batch.begun * 1_000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`;
  const file = (ending: string): string => join(dir, `${name}${ending}`);
  const csv = Buffer.from(batchCsv(batch));
  const pdf = await batchPdf(batch, createHash('sha256').update(csv).digest());
  const labels = await labelsPdf(batch.site, batch.devices, sheet, skip);
  writeSigned(file('.csv'), csv, key, batch.site);
  writeSigned(file('.pdf'), pdf, key, batch.site);
  writeFileSync(file('-labels.pdf'), labels);
  return { csv: file('.csv'), pdf: file('.pdf'), labels: file('-labels.pdf') };
}

/** A COSE_Sign1 of purpose `report`, detached, in `FILE.sig`. */
function writeSigned(file: string, bytes: Uint8Array, key: PrivateKey, site: string): void {
  writeFileSync(file, bytes);
  writeFileSync(`${file}.sig`, sign1(key, externalAad('report', site), bytes, { detached: true }));
}

/** @throws CoseError, CborError when it is not what the site's issuer signed */
export function verifySigned(file: string, issuer: Certificate): void {
  const message = decodeCose(readFileSync(`${file}.sig`));
  verifySign1(message, issuer.key, externalAad('report', issuer.site), readFileSync(file));
}
