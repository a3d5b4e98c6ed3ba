/** What happens, as lines that a person can read. */
import {
  CATEGORY,
  decodeRecord,
  type Event,
  type HelpHeard,
  KIND,
  readActivity,
  readAttest,
  readDevice,
  readEnrol,
  readMeal,
  readPunch,
  readRequest,
  type Record as LogRecord,
  readStatement,
} from '@timeband/protocol';
import { serviceName } from '../taps/services.js';

const WIDTHS = [8, 10, 19, 20, 32, 7, 8, 9] as const;

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd();
}

export const HEADINGS = columns([
  'time',
  'site',
  'device',
  'band',
  'service',
  'minutes',
  'evidence',
  'signature',
]);

type Shown = Pick<Event, 'time' | 'site' | 'device' | 'band' | 'minutes' | 'evidence' | 'type' | 'record'>;

/** One verified event. The time is the middle of the interval the gateway answers for. */
export function eventLine(event: Shown): string {
  const { earliest, latest } = event.time;
  const time = new Date(((earliest ?? latest) + latest) * 500).toTimeString().slice(0, 8);
  const { what, band = event.band, minutes = event.minutes } = readContents(event);
  return columns([
    time,
    event.site,
    event.device,
    band ?? '-',
    what,
    minutes === undefined ? '-' : String(minutes),
    String(event.evidence),
    'good',
  ]);
}

/** A hint that nothing proves yet: the event follows. */
export function helpLine({ device, rssi, battery }: HelpHeard): string {
  return `HELP heard from ${device} at ${Math.round(rssi)} dBm, battery ${battery} %`;
}

interface Contents {
  readonly what: string;
  /** The other one of two. */
  readonly band?: string;
  readonly minutes?: number;
}

function readContents(event: Shown): Contents {
  const record = decodeRecord(event.record);
  switch (record.kind) {
    case KIND.punch:
      return readPunchContents(record);
    case KIND.attest: {
      const { provider, recipient, service, minutes } = readStatement(readAttest(record.body).statement);
      const band = event.device === provider ? recipient : provider;
      return { what: `visit ${service} ${serviceName(service)}`, band, minutes };
    }
    case KIND.request: {
      const { category, phase } = readRequest(record.body);
      return { what: `${category === CATEGORY.help ? 'HELP' : `request ${category}`}: ${phase}` };
    }
    case KIND.enrol: {
      const { account, band } = readEnrol(record.body).action;
      return { what: `band of ${account}`, band };
    }
    case KIND.activity: {
      const { phase, service, attended, started = 0, ended = started } = readActivity(record.body);
      const came = attended === undefined ? '' : `, ${attended} there`;
      const minutes = phase === 'closed' ? { minutes: Math.floor((ended - started) / 60) } : {};
      return { what: `${phase} ${service} ${serviceName(service)}${came}`, ...minutes };
    }
    case KIND.meal: {
      const { slot, phase, account } = readMeal(record.body);
      return { what: `${slot} ${phase}${account === undefined ? '' : ` for ${account}`}` };
    }
    case KIND.device:
      return { what: `(device: ${readDevice(record.body).event})` };
    default:
      return { what: `(${event.type})` };
  }
}

function readPunchContents({ body }: LogRecord): Contents {
  const { direction, service, proof } = readPunch(body);
  const copy = proof.kind === 'own' ? ' (copy)' : '';
  return { what: `${direction.padEnd(3)} ${service} ${serviceName(service)}${copy}` };
}
