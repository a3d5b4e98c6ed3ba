/** What a batch leaves behind for people: a table as CSV and as PDF, each signed, so that neither is changed unnoticed. */
import PDFDocument from 'pdfkit';
import { toHex } from '@timeband/protocol';
import type { Provisioned } from '../provision/index.js';
import { pdfBytes } from './pdf.js';

export interface Batch {
  readonly site: string;
  /** Unix seconds. */
  readonly begun: number;
  readonly ended: number;
  readonly devices: readonly Provisioned[];
  /** Of the register when the batch ended: number of entries and chain hash. */
  readonly register: { readonly entries: number; readonly hash: Uint8Array };
}

const COLUMNS = ['device', 'serial', 'role', 'account', 'replaces', 'hardware', 'firmware', 'key'] as const;

/** RFC 4180, in UTF-8. */
export function batchCsv(batch: Batch): string {
  const rows = batch.devices.map((device) => rowOf(device).map(quoted).join(','));
  return [COLUMNS.join(','), ...rows, ''].join('\r\n');
}

export function batchPdf(batch: Batch, csvHash: Uint8Array): Promise<Uint8Array> {
  const document = new PDFDocument({ size: 'A4', margin: 48, info: { Title: `Devices of ${batch.site}` } });
  document.font('Helvetica-Bold').fontSize(16).text(`Devices provisioned for ${batch.site}`);
  document.moveDown(0.3).font('Helvetica').fontSize(9).fillColor('#444');
  document.text(
    `${batch.devices.length} devices, from ${utc(batch.begun)} to ${utc(batch.ended)} UTC. ` +
      `Register: ${batch.register.entries} entries, hash ${toHex(batch.register.hash).slice(0, 16)}.`,
  );
  document.moveDown(0.8);
  table(document, batch.devices);
  document.moveDown(1).font('Helvetica').fontSize(8).fillColor('#444');
  document.text(`SHA-256 of the table as CSV: ${toHex(csvHash)}`, document.page.margins.left);
  document.text(
    'Both files are signed by the site’s issuer in the .sig files beside them: bandctl verify-batch.',
  );
  document.moveDown(3).fillColor('#000');
  document.text('Checked and packed by ______________________________     on ____________________');
  return pdfBytes(document);
}

const WIDTHS = [92, 92, 42, 92, 72, 110] as const;
const HEADS = ['Device', 'Serial', 'Role', 'Account', 'Firmware', 'Key'] as const;
const ROW = 15;

function table(document: PDFKit.PDFDocument, devices: readonly Provisioned[]): void {
  const left = document.page.margins.left;
  const bottom = document.page.height - document.page.margins.bottom - ROW;
  let y = document.y;
  const row = (cells: readonly string[], font: string): void => {
    let x = left;
    document.font(font).fontSize(8.5).fillColor('#000');
    for (const [i, cell] of cells.entries()) {
      const width = WIDTHS[i] ?? 60;
      document.text(cell, x + 2, y + 3, {
        width: width - 4,
        height: ROW - 4,
        ellipsis: true,
        lineBreak: false,
      });
      x += width;
    }
    document
      .moveTo(left, y + ROW)
      .lineTo(x, y + ROW)
      .lineWidth(0.4)
      .strokeColor('#bbb')
      .stroke();
    y += ROW;
  };
  row(HEADS, 'Helvetica-Bold');
  for (const device of devices) {
    if (y > bottom) {
      document.addPage();
      y = document.page.margins.top;
      row(HEADS, 'Helvetica-Bold');
    }
    const { serial, role, account = '', firmware, thumbprint } = device;
    row([device.device, serial, role, account, firmware, toHex(thumbprint).slice(0, 16)], 'Helvetica');
  }
  document.x = left;
  document.y = y;
}

function rowOf(made: Provisioned): readonly string[] {
  const { device, serial, role, account = '', replaces = '', hardware, firmware, thumbprint } = made;
  return [device, serial, role, account, replaces, hardware, firmware, toHex(thumbprint)];
}

/** A cell that begins like a formula is text to a spreadsheet only behind an apostrophe. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function utc(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 16).replace('T', ' ');
}
