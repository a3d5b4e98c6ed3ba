/**
 * Everything that is counted by name, as one series. Details come from outside: those that name a band, a device or a
 * client are left out, since metrics leave the box, and the rest are bounded.
 */
import type { CounterSet } from '../../ops/counters.js';
import type { Sample, Series } from './series.js';

/** Counted, and no faults, or told by a series of their own. */
const TOLD_ELSEWHERE = new Set([
  ...[
    'broker/connected',
    'broker/refused',
    'broker/evicted',
    'uplink/connected',
    'help-heard',
    'quarantined',
    'api/answered',
    'api/requests',
    'api/mqtt',
    'api/refused',
    'peer/connected',
    'forward/sent',
    'forward/handed-over',
    'forward/relayed',
    'forward/stored',
  ],
]);
/** Their details are of fixed sets; those of other layers may be ids of devices. */
const DETAILED_LAYERS = new Set(['broker', 'uplink']);
/** Distinct details of one cause. */
const MAX_DETAILS = 20;

/** Of alarms that want somebody to look; they begin at 0, so that the first one is an increase. */
const ALARMS = {
  fork: ['log/fork', 'log/rollback'],
  'lost-records': ['log/gap'],
  'clock-refused': ['clock/refused'],
  disk: ['store/full', 'store/readonly', 'store/io', 'store/corrupt', 'store/low'],
  'head-marker': ['store/head-marker'],
  trail: ['trail/broken', 'trail/failed'],
  'revoked-key': ['cert/revoked'],
  'log-tree': ['head-failed'],
  raise: ['raise-failed'],
  'forward-full': ['forward/full'],
  'forward-refused': ['forward/refused'],
  internal: ['internal/unexpected', 'broker/internal'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export const FAULT_SERIES: readonly Series[] = [
  {
    name: 'timeband_faults_total',
    type: 'counter',
    labels: ['layer', 'cause', 'detail'],
    help: 'What went wrong since the start, as in docs/codes.md: layer/cause. Detail is a port, `radio`, or a cause within the cause; never an id.',
    read: ({ report }) => faultsOf(report.counters),
  },
  {
    name: 'timeband_alarms_total',
    type: 'counter',
    labels: ['alarm'],
    help: 'What wants somebody to look, since the start. The log says which device it was.',
    read: ({ report }) =>
      Object.entries(ALARMS).map(([alarm, names]) => [{ alarm }, sum(report.counters, names)]),
  },
];

export function sum(counters: CounterSet, names: readonly string[]): number {
  return names.reduce((total, name) => total + counters.total(name), 0);
}

function faultsOf(counters: CounterSet): Sample[] {
  return Object.entries(counters.toJSON()).flatMap(([name, details]) => {
    if (TOLD_ELSEWHERE.has(name)) return [];
    const slash = name.indexOf('/');
    const layer = slash < 0 ? 'gateway' : name.slice(0, slash);
    const cause = name.slice(slash + 1);
    return [...merge(layer, details)].map(([detail, n]): Sample => [{ layer, cause, detail }, n]);
  });
}

function merge(layer: string, details: Readonly<Record<string, number>>): Map<string, number> {
  const merged = new Map<string, number>();
  for (const [raw, n] of Object.entries(details)) {
    const wanted = detailOf(layer, raw);
    const detail = merged.has(wanted) || merged.size < MAX_DETAILS ? wanted : 'other';
    merged.set(detail, (merged.get(detail) ?? 0) + n);
  }
  return merged;
}

function detailOf(layer: string, raw: string): string {
  if (raw.startsWith('radio/')) return 'radio';
  return raw.startsWith('/') || DETAILED_LAYERS.has(layer) ? raw : '';
}
