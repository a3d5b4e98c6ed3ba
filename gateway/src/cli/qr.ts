/** QR codes of receipts, in the alphanumeric mode that their alphabet is made for. */
import type { QRCodeErrorCorrectionLevel, QRCodeSegment } from 'qrcode';

export const QR_FORMS = ['svg', 'png', 'terminal'] as const;
export type QrForm = (typeof QR_FORMS)[number];

/** Tried in turn: as much of a printed code may be damaged as there is room to repair. */
const LEVELS: readonly QRCodeErrorCorrectionLevel[] = ['Q', 'M', 'L'];

/** @returns nothing when the text is too long for the largest code */
export async function drawQr(text: string, form: QrForm): Promise<string | Buffer | undefined> {
  // Loaded when asked for: a gateway that runs draws nothing.
  const { default: qrcode } = await import('qrcode');
  const segments: QRCodeSegment[] = [{ data: text, mode: 'alphanumeric' }];
  const fits = (errorCorrectionLevel: QRCodeErrorCorrectionLevel): boolean => {
    try {
      qrcode.create(segments, { errorCorrectionLevel });
      return true;
    } catch {
      return false;
    }
  };
  const errorCorrectionLevel = LEVELS.find(fits);
  if (errorCorrectionLevel === undefined) return undefined;
  if (form === 'png') return qrcode.toBuffer(segments, { errorCorrectionLevel, scale: 6 });
  const options = { errorCorrectionLevel, small: true };
  return qrcode.toString(segments, { ...options, type: form });
}
