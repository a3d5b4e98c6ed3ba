/** Labels for devices, with a QR code, on the sheets that shops sell. A label says the id and the serial, never for whom it is. */
import PDFDocument from 'pdfkit';
import { create as createQr } from 'qrcode';
import type { Provisioned } from '../provision/index.js';
import { pdfBytes } from './pdf.js';

const MM = 72 / 25.4;

/** A sheet of labels; millimetres. */
export interface LabelSheet {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  /** From the left edge of a label to that of the next. */
  readonly pitch: number;
}

/** On A4: 24 labels of 70 × 37 mm without gaps, and 65 of 38.1 × 21.2 mm. */
export const LABEL_SHEETS: Readonly<Record<'3x8' | '5x13', LabelSheet>> = {
  '3x8': { columns: 3, rows: 8, width: 70, height: 37, left: 0, top: 0.5, pitch: 70 },
  '5x13': { columns: 5, rows: 13, width: 38.1, height: 21.2, left: 4.65, top: 10.7, pitch: 40.64 },
};
export type LabelSheetName = keyof typeof LABEL_SHEETS;

/** What the code on a label says, for a scanner at the counter. */
export function labelText(site: string, { device, serial }: Pick<Provisioned, 'device' | 'serial'>): string {
  return `timeband:${site}/${device}?sn=${serial}`;
}

/** @param skip labels of the first sheet that are used already */
export function labelsPdf(
  site: string,
  devices: readonly Provisioned[],
  name: LabelSheetName,
  skip = 0,
): Promise<Uint8Array> {
  const sheet = LABEL_SHEETS[name];
  const perPage = sheet.columns * sheet.rows;
  const document = new PDFDocument({ size: 'A4', margin: 0, info: { Title: `Labels of ${site}` } });
  for (const [i, device] of devices.entries()) {
    const place = skip + i;
    if (i > 0 && place % perPage === 0) document.addPage({ size: 'A4', margin: 0 });
    const onPage = place % perPage;
    const x = (sheet.left + (onPage % sheet.columns) * sheet.pitch) * MM;
    const y = (sheet.top + Math.floor(onPage / sheet.columns) * sheet.height) * MM;
    label(document, sheet, { x, y }, site, device);
  }
  return pdfBytes(document);
}

function label(
  document: PDFKit.PDFDocument,
  { width, height }: LabelSheet,
  { x, y }: { readonly x: number; readonly y: number },
  site: string,
  device: Provisioned,
): void {
  const pad = Math.min(width, height) * 0.12;
  const side = (height - 2 * pad) * MM;
  qr(document, labelText(site, device), x + pad * MM, y + pad * MM, side);
  const left = x + pad * 1.6 * MM + side;
  const room = x + (width - pad * 0.6) * MM - left;
  const size = Math.min(height * 0.42, 13);
  const line = (text: string, at: number, points: number, font: string): void => {
    document.font(font).fontSize(points);
    // Ids are up to 40 characters long: what is too wide gets smaller, and is never cut off.
    const fitting = Math.min(points, (points * room) / Math.max(1, document.widthOfString(text)));
    document.fontSize(fitting).fillColor('#000');
    document.text(text, left, y + at * height * MM, { lineBreak: false });
  };
  line(device.device, 0.16, size, 'Helvetica-Bold');
  line(device.serial, 0.44, size * 0.68, 'Helvetica');
  line(`${device.role} · ${site}`, 0.66, size * 0.62, 'Helvetica');
}

/** The modules of a code as squares: sharp at any size, and no picture in the file. */
function qr(document: PDFKit.PDFDocument, text: string, x: number, y: number, side: number): void {
  const { modules } = createQr(text, { errorCorrectionLevel: 'M' });
  const step = side / modules.size;
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column) === 0) continue;
      // A hair wider, or viewers show white lines between neighbours.
      document.rect(x + column * step, y + row * step, step + 0.05, step + 0.05);
    }
  }
  document.fillColor('#000').fill();
}
