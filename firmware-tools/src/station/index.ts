/** The bench: many devices at once, and what is left of a batch. */
export { verifySigned, writeBatch, type BatchFiles } from './files.js';
export { LABEL_SHEETS, labelsPdf, labelText, type LabelSheet, type LabelSheetName } from './labels.js';
export { batchCsv, batchPdf, type Batch } from './report.js';
export { Screen, type ScreenOptions } from './screen.js';
export { MOST_AT_ONCE, type Place, Station, type StationOptions } from './station.js';
