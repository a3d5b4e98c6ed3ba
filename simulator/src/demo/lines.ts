/** Events as lines that a person can read. */
import { decodeRecord, type Event, KIND, readDevice, readPunch } from '@timeband/protocol';
import { serviceName } from '../taps/services.js';

const WIDTHS = [8, 10, 9, 20, 26, 7, 8, 9] as const;

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd();
}

export const HEADINGS = columns([
  'time',
  'site',
  'reader',
  'band',
  'service',
  'minutes',
  'evidence',
  'signature',
]);

/** One verified event. The time is the middle of the interval the gateway answers for. */
export function eventLine(event: Event): string {
  const { earliest, latest } = event.time;
  const time = new Date(((earliest ?? latest) + latest) * 500).toTimeString().slice(0, 8);
  return columns([
    time,
    event.site,
    event.device,
    event.band ?? '-',
    what(event),
    event.minutes === undefined ? '-' : String(event.minutes),
    String(event.evidence),
    'good',
  ]);
}

function what(event: Event): string {
  const record = decodeRecord(event.record);
  if (record.kind === KIND.punch) {
    const { direction, service } = readPunch(record.body);
    return `${direction === 'in' ? 'in ' : 'out'} ${service} ${serviceName(service)}`;
  }
  if (record.kind === KIND.device) return `(device: ${readDevice(record.body).event})`;
  return `(${event.type})`;
}
