/** QR codes of receipts, in the alphanumeric mode that their alphabet is made for. */
import qrcode, { type QRCodeErrorCorrectionLevel, type QRCodeSegment } from 'qrcode';

export const QR_FORMS = ['svg', 'png', 'terminal'] as const;
export type QrForm = (typeof QR_FORMS)[number];

/** Tried in turn: as much of a printed code may be damaged as there is room to repair. */
const LEVELS: readonly QRCodeErrorCorrectionLevel[] = ['Q', 'M', 'L'];

/** @returns nothing when the text is too long for the largest code */
export async function drawQr(text: string, form: QrForm): Promise<string | Buffer | undefined> {
  const segments: QRCodeSegment[] = [{ data: text, mode: 'alphanumeric' }];
  const errorCorrectionLevel = LEVELS.find((level) => fits(segments, level));
  if (errorCorrectionLevel === undefined) return undefined;
  if (form === 'png') return qrcode.toBuffer(segments, { errorCorrectionLevel, scale: 6 });
  const options = { errorCorrectionLevel, small: true };
  return qrcode.toString(segments, { ...options, type: form });
}

function fits(segments: QRCodeSegment[], errorCorrectionLevel: QRCodeErrorCorrectionLevel): boolean {
  try {
    qrcode.create(segments, { errorCorrectionLevel });
    return true;
  } catch {
    return false;
  }
}
