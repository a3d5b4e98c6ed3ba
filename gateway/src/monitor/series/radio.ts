/** Metrics of the radio. There are none where there is no radio. */
import type { RadioReport } from '../../radio/index.js';
import type { Observation } from '../observation.js';
import { oneOf, type Sample, type Series } from './series.js';

const OUTCOMES = ['opened', 'done', 'failed', 'not-opened'];
const ADVERTS = ['foreign', 'forged', 'replayed', 'over-budget', 'strangers-full'];

export const RADIO_SERIES: readonly Series[] = [
  {
    name: 'timeband_radio_state',
    type: 'gauge',
    labels: ['state'],
    help: '1 for the state the radio is in.',
    read: ofRadio(({ state }) => oneOf(['scanning', 'starting', 'down', 'closed'], state)),
  },
  {
    name: 'timeband_radio_links',
    type: 'gauge',
    help: 'Bands that are connected just now.',
    read: ofRadio(({ links }) => links),
  },
  {
    name: 'timeband_radio_bands_present',
    type: 'gauge',
    help: 'Bands of this site that were heard within a minute.',
    read: ofRadio(({ present }) => present),
  },
  {
    name: 'timeband_radio_restarts_total',
    type: 'counter',
    help: "How often the radio's own process ended and was started again.",
    read: ofRadio(({ restarts }) => restarts),
  },
  {
    name: 'timeband_radio_visits_total',
    type: 'counter',
    labels: ['outcome'],
    help: 'Connections to bands since the radio process started, by how they went.',
    read: ofRadio(({ counters }) => named(counters, 'visit/', 'outcome', OUTCOMES)),
  },
  {
    name: 'timeband_radio_scan_paused_seconds_total',
    type: 'counter',
    help: 'Time in which nothing was heard because a connection was being made. 1 minus its rate is the share of time that is scanned.',
    read: ofRadio(({ counters }) => (counters['scan/paused-ms'] ?? 0) / 1_000),
  },
  {
    name: 'timeband_radio_adverts_dropped_total',
    type: 'counter',
    labels: ['cause'],
    help: "Adverts that were left alone. `foreign` are other people's things.",
    read: ofRadio(({ counters }) => named(counters, 'advert/', 'cause', ADVERTS)),
  },
  {
    name: 'timeband_radio_hostile_total',
    type: 'counter',
    help: 'Packets that no band of ours sends and that went no further.',
    read: ofRadio(({ counters }) =>
      Object.entries(counters)
        .filter(([name]) => name.startsWith('hostile/'))
        .reduce((total, [, n]) => total + n, 0),
    ),
  },
  {
    name: 'timeband_help_calls_total',
    type: 'counter',
    help: 'Calls for help heard in the air. One that nobody could fetch yet is heard again every minute.',
    read: ({ report }) => (report.radio === undefined ? undefined : report.counters.total('help-heard')),
  },
];

function ofRadio(read: (radio: RadioReport) => ReturnType<Series['read']>): Series['read'] {
  return ({ report }: Observation) => report.radio && read(report.radio);
}

function named(
  counters: RadioReport['counters'],
  prefix: string,
  label: string,
  names: readonly string[],
): Sample[] {
  return names.map((name) => [{ [label]: name }, counters[`${prefix}${name}`] ?? 0]);
}
